-- Session time 0 as it was when the link was made. A batch that comes late may move the session's beginning, and must not
-- move what a link opens with it: whoever has the public write key could have it show what lay before its span.
ALTER TABLE shares
  -- on the recorded browser's clock, ms
  ADD COLUMN start_ts bigint,
  -- corrected by the session's claim
  ADD COLUMN started_at timestamptz;
UPDATE shares s SET started_at = m.started_at,
  start_ts = round(extract(epoch FROM m.started_at) * 1000) - m.clock_offset_ms
FROM sessions_meta m
WHERE m.project_id = s.project_id AND m.session_id = s.session_id;
-- of a session that is gone, and so opens nothing
UPDATE shares SET started_at = created_at, start_ts = 0 WHERE started_at IS NULL;
ALTER TABLE shares ALTER COLUMN start_ts SET NOT NULL, ALTER COLUMN started_at SET NOT NULL;

-- Of a link's openings, too, an entry an hour is enough: whoever has it may open it again and again.
DROP INDEX audit_log_hourly;
CREATE UNIQUE INDEX audit_log_hourly
  ON audit_log (project_id, action, actor_id, target, date_bin('1 hour', at, '2000-01-01T00:00:00Z'))
  WHERE action IN ('session.opened', 'session.played', 'share.opened');
