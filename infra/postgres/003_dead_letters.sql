-- Batches that got their 202 and can never be read, each with its reason: the other half of "in ClickHouse exactly once".
CREATE TABLE dead_letters (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- null where the message itself could not be read, so no batch could be told
  batch_id     uuid,
  project_id   integer,
  session_id   uuid,
  window_id    text,
  seq          bigint,
  reason       text NOT NULL,
  envelope     text,
  body         bytea NOT NULL,
  stream_seq   bigint NOT NULL,
  received_at  timestamptz,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- A redelivery finds its letter already here. Whole messages are told apart by their bytes.
  identity     bytea NOT NULL UNIQUE
);
CREATE INDEX dead_letters_by_project ON dead_letters (project_id, created_at DESC);
CREATE INDEX dead_letters_by_session ON dead_letters (project_id, session_id);
