-- Sessions with errors or rage clicks, newest first: few, and what is looked for most. Of those few with another filter
-- the index of words (030_session_terms.sql) would have all gathered and sorted, to show 50.
CREATE INDEX sessions_meta_errors ON sessions_meta (project_id, started_at DESC, session_id DESC)
  WHERE batch_count > 0 AND error_count > 0;
CREATE INDEX sessions_meta_rage_clicks ON sessions_meta (project_id, started_at DESC, session_id DESC)
  WHERE batch_count > 0 AND rage_click_count > 0;
