-- Facts of a session's spans (core/facts/spans): what they were made of, and by which making of them. A session is due
-- while these differ from what is loaded of it. The generation is counted up before each making, so that rows of a later
-- one replace those of an earlier one, whoever writes last.
ALTER TABLE sessions_meta
  ADD COLUMN spans_epoch       integer NOT NULL DEFAULT 0,
  ADD COLUMN spans_batch_count integer NOT NULL DEFAULT 0,
  -- of the code that tells them (SPAN_RULES)
  ADD COLUMN spans_rules       integer NOT NULL DEFAULT 0,
  ADD COLUMN spans_generation  integer NOT NULL DEFAULT 0,
  -- a worker is at it until then at most
  ADD COLUMN spans_held_until  timestamptz,
  ADD COLUMN active_ms         bigint NOT NULL DEFAULT 0,
  ADD COLUMN rage_click_count  integer NOT NULL DEFAULT 0,
  ADD COLUMN dead_click_count  integer NOT NULL DEFAULT 0;

CREATE INDEX sessions_meta_spans_due ON sessions_meta (updated_at)
  WHERE batch_count > 0 AND (epoch <> spans_epoch OR batch_count <> spans_batch_count);
CREATE INDEX sessions_meta_spans_rules ON sessions_meta (spans_rules) WHERE batch_count > 0;
