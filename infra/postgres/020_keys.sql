-- Keys as people manage them: an id to name one by, since neither the key nor its hash is shown again.
ALTER TABLE project_keys
  ADD COLUMN id           uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  ADD COLUMN name         text NOT NULL DEFAULT '',
  ADD COLUMN created_by   uuid REFERENCES users (id) ON DELETE SET NULL,
  -- to within five minutes: not each use is a write
  ADD COLUMN last_used_at timestamptz;
-- revoked_at may lie ahead: a key that was replaced goes on until then.
