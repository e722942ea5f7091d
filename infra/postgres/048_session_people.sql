-- Whom the batches of a session name, each person once: a session may be used by several, one after the other. Part of
-- the session's facts, and so recomputed with them; it goes with the session's row, and so with its deletion.
CREATE TABLE session_people (
  project_id integer NOT NULL,
  session_id uuid NOT NULL,
  user_id    text NOT NULL,
  -- the site's latest word in this session
  email      text,
  -- from the first to the last event of the batches that name them
  first_at   timestamptz NOT NULL,
  last_at    timestamptz NOT NULL,
  PRIMARY KEY (project_id, session_id, user_id),
  FOREIGN KEY (project_id, session_id) REFERENCES sessions_meta (project_id, session_id) ON DELETE CASCADE
);
-- People, the latest seen first: the newest row of each, found by the second index.
CREATE INDEX session_people_newest ON session_people (project_id, last_at DESC, session_id DESC, user_id DESC);
CREATE INDEX session_people_by_person ON session_people (project_id, user_id, last_at DESC, session_id DESC);

-- Of sessions that no batch comes for any more, the one person that is known. The facts of the others are made anew.
INSERT INTO session_people (project_id, session_id, user_id, email, first_at, last_at)
SELECT project_id, session_id, user_id, user_email, started_at, ended_at FROM sessions_meta
WHERE batch_count > 0 AND user_id IS NOT NULL AND started_at IS NOT NULL;
