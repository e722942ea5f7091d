-- Who has watched which session, and how far. It goes with the session's row, and so with its deletion.
CREATE TABLE watched (
  project_id  integer NOT NULL,
  session_id  uuid NOT NULL,
  user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  first_at    timestamptz NOT NULL DEFAULT now(),
  last_at     timestamptz NOT NULL DEFAULT now(),
  -- session time
  furthest_ms bigint NOT NULL CHECK (furthest_ms >= 0),
  PRIMARY KEY (project_id, session_id, user_id),
  FOREIGN KEY (project_id, session_id) REFERENCES sessions_meta (project_id, session_id) ON DELETE CASCADE
);
CREATE INDEX watched_by_person ON watched (user_id);
