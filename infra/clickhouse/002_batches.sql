-- One row an attempt: the index of a session's playback, and its ledger. A batch's rows in events_rrweb go in before
-- its row here, so whatever this table lists can be read. Copies of an attempt fold; attempts of a batch are counted.
CREATE TABLE IF NOT EXISTS batches (
  project_id       UInt32,
  session_id       UUID,
  window_id        String,
  seq              UInt32,
  batch_id         UUID,
  received_at      DateTime64(3, 'UTC') COMMENT 'the edge''s clock at this attempt',
  first_ts         DateTime64(3, 'UTC') COMMENT 'least client time in the batch',
  last_ts          DateTime64(3, 'UTC') COMMENT 'greatest client time in the batch',
  event_count      UInt32,
  events_bytes     UInt32 COMMENT 'inflated, of the events array',
  body_bytes       UInt32 COMMENT 'as sent',
  -- Where playback may begin: the snapshots' places in the batch and their client times, in the same order.
  full_snapshot_idx Array(UInt32),
  full_snapshot_ts  Array(DateTime64(3, 'UTC')),
  durable          LowCardinality(String) COMMENT 'stream or spool',
  format           LowCardinality(String) COMMENT 'json or framed',
  encoding         LowCardinality(String),
  sent_at          Nullable(DateTime64(3, 'UTC')),
  sealed_at        Nullable(DateTime64(3, 'UTC')),
  sealed_through   Nullable(UInt32),
  dropped          String DEFAULT '[]' COMMENT 'JSON: [{from, to, reason}]',
  is_end           Bool DEFAULT false,
  url              String DEFAULT '',
  user_id          Nullable(String),
  user_email       Nullable(String),
  user_traits      String DEFAULT '{}' COMMENT 'JSON',
  user_agent       String DEFAULT '',
  country          LowCardinality(String) DEFAULT '',
  sdk              LowCardinality(String) DEFAULT '',
  release          LowCardinality(String) DEFAULT '',
  environment      LowCardinality(String) DEFAULT '',
  received_on      Date COMMENT 'the day of the session''s claimed first_received_at',
  version          UInt32,
  ingest_ts        DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(received_on)
ORDER BY (project_id, session_id, window_id, seq, batch_id, received_at)
TTL received_on + INTERVAL 90 DAY
SETTINGS
  ttl_only_drop_parts = 1,
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  min_rows_to_fsync_after_merge = 1,
  min_compressed_bytes_to_fsync_after_merge = 1,
  old_parts_lifetime = 480;
