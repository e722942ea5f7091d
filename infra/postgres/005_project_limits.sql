-- What a project may send (docs/settings.md). null: the edge's default limit, or no quota. The comparisons refuse NaN and
-- infinity as well, which no JSON can carry to the edge.
ALTER TABLE projects
  ADD COLUMN requests_per_second double precision
    CHECK (requests_per_second > 0 AND requests_per_second < 'infinity'),
  ADD COLUMN bytes_per_second double precision
    CHECK (bytes_per_second > 0 AND bytes_per_second < 'infinity'),
  ADD COLUMN sample_rate double precision NOT NULL DEFAULT 1
    CHECK (sample_rate >= 0 AND sample_rate <= 1),
  ADD COLUMN quota_sessions_per_month bigint CHECK (quota_sessions_per_month >= 0),
  ADD COLUMN quota_bytes_per_month bigint CHECK (quota_bytes_per_month >= 0);

-- A month's use is counted from this index alone. Rows change place with each batch anyway, batch_count being part of
-- sessions_meta_newest, so events_bytes in it costs one more entry and no new kind of update.
CREATE INDEX sessions_meta_begun ON sessions_meta (project_id, first_received_at) INCLUDE (events_bytes)
  WHERE batch_count > 0;
