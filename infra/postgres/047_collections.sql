-- Sessions that people put together under a name.
CREATE TABLE collections (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id  integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  description text NOT NULL DEFAULT '',
  created_by  uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, id)
);
CREATE INDEX collections_newest ON collections (project_id, created_at DESC, id DESC);

-- A session leaves its collections with its row, and so with its deletion.
CREATE TABLE collection_sessions (
  collection_id uuid NOT NULL,
  project_id    integer NOT NULL,
  session_id    uuid NOT NULL,
  added_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (collection_id, session_id),
  FOREIGN KEY (project_id, collection_id) REFERENCES collections (project_id, id) ON DELETE CASCADE,
  FOREIGN KEY (project_id, session_id) REFERENCES sessions_meta (project_id, session_id) ON DELETE CASCADE
);
CREATE INDEX collection_sessions_by_session ON collection_sessions (project_id, session_id);
