-- A person's rows lie wherever their sessions do: these tell the granules that hold none, so that what a person did is
-- found, and deleted, without reading the project. Parts that are there get theirs in the background.
ALTER TABLE events ADD INDEX IF NOT EXISTS by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE batches ADD INDEX IF NOT EXISTS by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE events MATERIALIZE INDEX by_user SETTINGS mutations_sync = 0;
ALTER TABLE batches MATERIALIZE INDEX by_user SETTINGS mutations_sync = 0;
