-- Filters of session lists that were worth a name, for all of a project's people.
CREATE TABLE segments (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  name       text NOT NULL,
  -- parameters of the list, as they stand in its address
  filters    jsonb NOT NULL CHECK (jsonb_typeof(filters) = 'object'),
  created_by uuid REFERENCES users (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX segments_by_project ON segments (project_id, lower(name));
