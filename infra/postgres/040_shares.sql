-- Links that open one session, or a span of it, to whoever has them. The token is shown once and kept as its hash; neither
-- it nor what it opens names the session, since whoever has a write key and a session's id may add to it.
CREATE TABLE shares (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  token_hash     bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  project_id     integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  session_id     uuid NOT NULL,
  -- ms of session time; null for its end
  from_ms        bigint NOT NULL DEFAULT 0 CHECK (from_ms >= 0),
  to_ms          bigint CHECK (to_ms > from_ms),
  -- whether it tells who was recorded
  shows_person   boolean NOT NULL,
  created_by     uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  expires_at     timestamptz NOT NULL,
  revoked_at     timestamptz,
  opened_count   integer NOT NULL DEFAULT 0,
  last_opened_at timestamptz
);
CREATE INDEX shares_by_session ON shares (project_id, session_id, created_at DESC);
