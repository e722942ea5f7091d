-- What people write at a moment of a session. It goes with the session's row, and so with its deletion.
CREATE TABLE notes (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id integer NOT NULL,
  session_id uuid NOT NULL,
  -- session time
  at_ms      bigint NOT NULL CHECK (at_ms >= 0),
  text       text NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
  author     uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  edited_at  timestamptz,
  FOREIGN KEY (project_id, session_id) REFERENCES sessions_meta (project_id, session_id) ON DELETE CASCADE
);
CREATE INDEX notes_by_session ON notes (project_id, session_id, at_ms, id);
CREATE INDEX notes_newest ON notes (project_id, created_at DESC, id DESC);
