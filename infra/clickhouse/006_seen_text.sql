-- Texts that became visible in a window, each once, at the time when it was seen first (core/facts/spans/seen-text.ts).
-- The time is no part of the key: a batch that comes late may show that a text was seen sooner.
CREATE TABLE IF NOT EXISTS seen_text (
  project_id  UInt32,
  session_id  UUID,
  window_id   String,
  text_id     UUID COMMENT 'hash of the text',
  ts          DateTime64(3, 'UTC') COMMENT 'corrected and clamped, as in events',
  text        String CODEC(ZSTD(3)),
  received_on Date,
  version     UInt32,
  ingest_ts   DateTime('UTC') DEFAULT now(),
  -- Any phrase of three characters and more, in whatever case: what LIKE asks of lowerUTF8(text).
  INDEX by_text lowerUTF8(text) TYPE text(tokenizer = ngrams(3))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(received_on)
ORDER BY (project_id, session_id, window_id, text_id)
TTL received_on + INTERVAL 90 DAY
SETTINGS
  ttl_only_drop_parts = 1,
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  min_rows_to_fsync_after_merge = 1,
  min_compressed_bytes_to_fsync_after_merge = 1,
  old_parts_lifetime = 480;
