-- More of what session lists show and filter by, recomputed like the facts beside them (002_sessions_meta.sql).
ALTER TABLE sessions_meta
  ADD COLUMN click_count          integer NOT NULL DEFAULT 0,
  ADD COLUMN console_error_count  integer NOT NULL DEFAULT 0,
  ADD COLUMN request_failed_count integer NOT NULL DEFAULT 0,
  ADD COLUMN release              text,
  ADD COLUMN environment          text,
  -- what the user agent is, where it is no visitor's: crawler, headless or program (core/facts/user-agent.ts)
  ADD COLUMN bot                  text,
  -- of the site itself in the making: localhost, staging and their like (core/facts/internal-host.ts)
  ADD COLUMN is_internal          boolean NOT NULL DEFAULT false;

-- Few, and counted with each list that hides them.
CREATE INDEX sessions_meta_hidden ON sessions_meta (project_id, started_at DESC)
  WHERE batch_count > 0 AND (is_internal OR bot = 'crawler');
