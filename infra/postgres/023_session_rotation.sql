-- A session that was replaced by a new one goes on for a moment, for requests that were under way.
ALTER TABLE auth_sessions
  ADD COLUMN signed_in_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN rotated_at   timestamptz;
