-- What must be gone, and never come back: of a session, or of a person, which is each session that showed the user in a
-- batch received before a time. Reads and claims heed a tombstone from the moment it is written; the worker's sweep takes
-- away what is stored. Kept for ever, for a copy of a batch may come at any time.
CREATE TABLE tombstones (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id   integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  session_id   uuid,
  user_id      text,
  before       timestamptz,
  -- of a session that is deleted since a person is
  cause        uuid REFERENCES tombstones (id),
  requested_at timestamptz NOT NULL DEFAULT now(),
  requested_by uuid REFERENCES users (id) ON DELETE SET NULL,
  -- the stream's last sequence at a time after the request, and in which making of the stream: copies up to it may be
  -- under way to the tables
  stream_made  timestamptz,
  stream_seq   bigint,
  -- when all up to it had been loaded or refused
  passed_at    timestamptz,
  -- rows that were taken away, by table
  removed      jsonb NOT NULL DEFAULT '{}',
  done_at      timestamptz,
  CHECK ((session_id IS NULL) = (user_id IS NOT NULL)),
  CHECK ((user_id IS NULL) = (before IS NULL))
);
CREATE UNIQUE INDEX tombstones_by_session ON tombstones (project_id, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX tombstones_by_person ON tombstones (project_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX tombstones_by_cause ON tombstones (cause) WHERE cause IS NOT NULL;
CREATE INDEX tombstones_pending ON tombstones (requested_at) WHERE done_at IS NULL;

-- When a project's retention was last carried out: once a day is enough, since reads go by the hour.
ALTER TABLE projects ADD COLUMN retention_swept_on date;
