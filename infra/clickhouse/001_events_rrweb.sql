-- One row an rrweb event. Nothing in the key, the partition or the TTL depends on a delivery attempt:
-- each is a function of the batch's bytes, or was claimed in Postgres before the first insert.
-- So every copy of a row, however late and by whichever worker, falls on the same key and folds.
CREATE TABLE IF NOT EXISTS events_rrweb (
  project_id  UInt32,
  session_id  UUID,
  window_id   String,
  seq         UInt32,
  batch_id    UUID,
  idx         UInt32 COMMENT 'place in the batch, from 0',
  ts          DateTime64(3, 'UTC') COMMENT 'the client''s clock, as sent; never used for play order inside a window',
  payload     String COMMENT 'the event''s own slice of the body, byte for byte' CODEC(ZSTD(9)),
  event_id    UUID ALIAS reinterpretAsUUID(sipHash128(batch_id, idx)),
  received_on Date COMMENT 'the day of the session''s claimed first_received_at',
  version     UInt32 COMMENT 'of the redaction rules that made this row; the highest is read',
  ingest_ts   DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(received_on)
ORDER BY (project_id, session_id, window_id, seq, batch_id, idx)
TTL received_on + INTERVAL 90 DAY
SETTINGS
  ttl_only_drop_parts = 1,
  -- An insert is on disk before it is acknowledged, and so is the part that a merge makes of it (hazard 13).
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  min_rows_to_fsync_after_merge = 1,
  min_compressed_bytes_to_fsync_after_merge = 1,
  old_parts_lifetime = 480;
