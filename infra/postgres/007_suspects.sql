-- Messages that are tried alone: workers died under them, or an engine that answers would not take them. Each try is
-- written down before it begins, and the row goes when the message is settled.
CREATE TABLE suspects (
  -- SHA-256 of the message: the same in every delivery, and in a stream that was made anew
  message  bytea PRIMARY KEY CHECK (octet_length(message) = 32),
  tries    integer NOT NULL,
  tried_at timestamptz NOT NULL DEFAULT now()
);
