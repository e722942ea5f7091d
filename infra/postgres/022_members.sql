-- Roles that single sign-on gave are its to change and to take away; those that a person gave are not.
ALTER TABLE memberships ADD COLUMN by_oidc boolean NOT NULL DEFAULT false;

-- A place in a project, kept for whoever has the link. Of its token only the hash is here.
CREATE TABLE invitations (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id  integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  email       text NOT NULL CHECK (email = lower(email)),
  role        text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  token_hash  bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  created_at  timestamptz NOT NULL DEFAULT now(),
  created_by  uuid REFERENCES users (id) ON DELETE SET NULL,
  expires_at  timestamptz NOT NULL,
  accepted_at timestamptz,
  revoked_at  timestamptz
);
CREATE INDEX invitations_by_project ON invitations (project_id, created_at DESC);
