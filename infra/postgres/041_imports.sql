-- Recordings that people brought: an intent, carried out by the worker (core/worker/imports.ts), which takes the batches
-- through the same stages as those of the stream. What the session is called comes from what is in it.
CREATE TABLE imports (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id   integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  session_id   uuid NOT NULL,
  events       bigint NOT NULL,
  batches      integer NOT NULL,
  requested_by uuid REFERENCES users (id) ON DELETE SET NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, session_id)
);

-- Gone once loaded, or a dead letter.
CREATE TABLE imported_batches (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  import_id  uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  -- as it would stand on the stream
  envelope   text NOT NULL,
  body       bytea NOT NULL,
  -- a worker has it until then
  taken_until timestamptz
);
-- bodies are compressed already
ALTER TABLE imported_batches ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX imported_batches_by_import ON imported_batches (import_id, id);
