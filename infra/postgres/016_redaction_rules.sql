-- What a project wants made unreadable before it is stored, in all versions that there were: rows in ClickHouse carry the
-- version that made them. A project without a row has the first one, whose rules are the defaults
-- (core/facts/redaction/rules.ts); version 0 is what was stored before there were rules.
CREATE TABLE redaction_rules (
  project_id integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  -- with the facts' generation it makes up one number of 32 bits
  version    integer NOT NULL CHECK (version BETWEEN 2 AND 65535),
  rules      jsonb NOT NULL CHECK (jsonb_typeof(rules) = 'object'),
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by uuid REFERENCES users (id) ON DELETE SET NULL,
  PRIMARY KEY (project_id, version)
);
