-- Stylesheets, images and fonts of recorded pages, fetched by the worker from the hosts that a project allows, and kept so
-- that a replay needs no request to the site: docs/decisions/0017-assets.md.
ALTER TABLE projects ADD COLUMN asset_hosts text[] NOT NULL DEFAULT '{}';

-- Each address that a recorded page of the project names, and what is to be done about it.
CREATE TABLE asset_urls (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id    integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  -- SHA-256 of the address: an index holds no text of 2,000 characters
  url_hash      bytea NOT NULL CHECK (octet_length(url_hash) = 32),
  -- absolute, without fragment
  url           text NOT NULL,
  host          text NOT NULL,
  -- 0 where a page names it, else how many stylesheets lie between
  depth         smallint NOT NULL DEFAULT 0,
  -- when it is to be fetched; null where nothing is to be done
  due_at        timestamptz,
  tries         smallint NOT NULL DEFAULT 0,
  -- why nothing could be had of it the last time; null where something was
  missing       text,
  -- when the host answered last, for good or ill; a day later it is asked again if a page names the address
  checked_at    timestamptz,
  etag          text,
  last_modified text,
  seen_at       timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, url_hash)
);
CREATE INDEX asset_urls_due ON asset_urls (due_at) WHERE due_at IS NOT NULL;

-- The bytes, as fetched, once a project. Pictures and fonts are compressed by themselves.
CREATE TABLE asset_bodies (
  project_id   integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  -- SHA-256 of the bytes
  hash         bytea NOT NULL CHECK (octet_length(hash) = 32),
  -- told by the bytes, not by the server that they came from
  content_type text NOT NULL,
  byte_length  integer NOT NULL,
  bytes        bytea NOT NULL,
  stored_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, hash)
);
ALTER TABLE asset_bodies ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- What an address answered, and from when to when it was seen to.
CREATE TABLE asset_versions (
  url_id       bigint NOT NULL REFERENCES asset_urls (id) ON DELETE CASCADE,
  first_at     timestamptz NOT NULL,
  last_at      timestamptz NOT NULL,
  project_id   integer NOT NULL,
  hash         bytea NOT NULL,
  -- after redirects: what addresses in a stylesheet are relative to
  base_url     text NOT NULL,
  -- of a stylesheet: asset_urls that it names
  dependencies bigint[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (url_id, first_at),
  FOREIGN KEY (project_id, hash) REFERENCES asset_bodies (project_id, hash)
);
CREATE INDEX asset_versions_by_body ON asset_versions (project_id, hash);

-- Which addresses the pages of a session name. It goes with the session's row, and so with its deletion.
CREATE TABLE session_assets (
  project_id integer NOT NULL,
  session_id uuid NOT NULL,
  url_ids    bigint[] NOT NULL,
  PRIMARY KEY (project_id, session_id),
  FOREIGN KEY (project_id, session_id) REFERENCES sessions_meta (project_id, session_id) ON DELETE CASCADE
);
