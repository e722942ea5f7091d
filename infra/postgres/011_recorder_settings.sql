-- What a project asks of its recorders from afar: protocol/recorder-settings.ts. What is missing is left to the page.
ALTER TABLE projects
  ADD COLUMN recorder_settings jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(recorder_settings) = 'object');
