-- Sessions in progress, by when something of them last came: the few at this end of the index are all that is read.
CREATE INDEX sessions_meta_live ON sessions_meta (project_id, last_received_at DESC)
  WHERE batch_count > 0 AND complete IS NOT TRUE;
