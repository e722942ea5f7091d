-- Derived facts: $pageview and its like, and custom events. `ts` is the client's time moved by the session's claimed
-- offset and clamped to its claimed span, a function of the claim, so it may stand in the key and FINAL is right.
CREATE TABLE IF NOT EXISTS events (
  project_id  UInt32,
  session_id  UUID,
  user_id     Nullable(String) COMMENT 'what the batch itself said',
  event_name  LowCardinality(String),
  ts          DateTime64(3, 'UTC'),
  url         String,
  props       JSON,
  event_id    UUID COMMENT 'hash of (batch_id, idx, kind)',
  window_id   String,
  batch_id    UUID,
  idx         UInt32,
  path        String ALIAS path(url),
  received_on Date,
  version     UInt32,
  ingest_ts   DateTime('UTC') DEFAULT now(),
  -- The key serves whole-project questions; this lets one session's rows be found within a span of time.
  INDEX by_session session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(received_on)
ORDER BY (project_id, event_name, ts, session_id, event_id)
TTL received_on + INTERVAL 90 DAY
SETTINGS
  ttl_only_drop_parts = 1,
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  min_rows_to_fsync_after_merge = 1,
  min_compressed_bytes_to_fsync_after_merge = 1,
  old_parts_lifetime = 480;
