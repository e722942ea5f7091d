-- Work that one process does at a time, whoever takes the lease first. It ends by itself, should its holder die.
CREATE TABLE leases (
  name       text PRIMARY KEY,
  held_until timestamptz NOT NULL
);
