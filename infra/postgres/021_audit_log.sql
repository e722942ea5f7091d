-- Who did what in a project, and who looked at whose recording. Entries outlive whom they name, so nothing here refers to
-- another table but the project.
CREATE TABLE audit_log (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  at         timestamptz NOT NULL DEFAULT now(),
  actor_kind text NOT NULL,
  actor_id   uuid NOT NULL,
  -- as it was then: a person's address, the first characters of a key
  actor_name text NOT NULL,
  action     text NOT NULL,
  target     text,
  detail     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_by_project ON audit_log (project_id, id);
CREATE INDEX audit_log_by_actor ON audit_log (project_id, actor_id, id);
CREATE INDEX audit_log_by_target ON audit_log (project_id, target, id) WHERE target IS NOT NULL;
-- A player asks for a session stretch by stretch: once an hour is enough.
CREATE UNIQUE INDEX audit_log_hourly
  ON audit_log (project_id, action, actor_id, target, date_bin('1 hour', at, '2000-01-01T00:00:00Z'))
  WHERE action IN ('session.opened', 'session.played');
