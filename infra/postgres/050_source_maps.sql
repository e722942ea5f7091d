-- Source maps that people upload for a release of their site, by which stacks of errors are shown in the sources' words. The
-- API writes them: they are settings, not recordings.
CREATE TABLE source_map_bodies (
  project_id  integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  -- SHA-256 of the map as it was sent
  hash        bytea NOT NULL CHECK (octet_length(hash) = 32),
  byte_length integer NOT NULL,
  -- gzipped
  bytes       bytea NOT NULL,
  PRIMARY KEY (project_id, hash)
);
ALTER TABLE source_map_bodies ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE source_maps (
  project_id  integer NOT NULL,
  release     text NOT NULL,
  -- of the script that the map is for, without host and leading slash
  path        text NOT NULL,
  hash        bytea NOT NULL,
  uploaded_at timestamptz NOT NULL DEFAULT now(),
  uploaded_by uuid REFERENCES users (id) ON DELETE SET NULL,
  PRIMARY KEY (project_id, release, path),
  FOREIGN KEY (project_id, hash) REFERENCES source_map_bodies (project_id, hash) ON DELETE CASCADE
);
CREATE INDEX source_maps_by_body ON source_maps (project_id, hash);
