-- Later rules applied to what is stored: an intent, carried out by the worker's sweep, and what became of it.
CREATE TABLE redactions (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id     integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  -- of the rules that held then; those that hold when a session's turn comes are applied
  version        integer NOT NULL,
  requested_at   timestamptz NOT NULL DEFAULT now(),
  requested_by   uuid REFERENCES users (id) ON DELETE SET NULL,
  -- sessions that had rows below the version; null until somebody has looked
  sessions_total integer,
  sessions_done  integer NOT NULL DEFAULT 0,
  events_changed bigint NOT NULL DEFAULT 0,
  -- findings, by rule
  found          jsonb NOT NULL DEFAULT '{}',
  -- rows of older versions that were taken away, by table
  removed        jsonb NOT NULL DEFAULT '{}',
  -- as in tombstones: what may have been under way to the tables when it was requested
  stream_made    timestamptz,
  stream_seq     bigint,
  passed_at      timestamptz,
  done_at        timestamptz
);
CREATE INDEX redactions_by_project ON redactions (project_id, requested_at DESC);
CREATE INDEX redactions_pending ON redactions (project_id) WHERE done_at IS NULL;
