-- Numbers of a batch's facts: of a session's rows here their sums are what lists filter by, without a look at `events`,
-- which is ordered by time. Batches from before this file have none.
ALTER TABLE batches
  ADD COLUMN IF NOT EXISTS click_count          UInt32 DEFAULT 0 AFTER environment,
  ADD COLUMN IF NOT EXISTS error_count          UInt32 DEFAULT 0 AFTER click_count,
  ADD COLUMN IF NOT EXISTS console_error_count  UInt32 DEFAULT 0 AFTER error_count,
  ADD COLUMN IF NOT EXISTS request_failed_count UInt32 DEFAULT 0 AFTER console_error_count;
