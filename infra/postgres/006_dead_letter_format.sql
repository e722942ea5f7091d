-- Batches of custom events are numbered by nobody: as dead letters they are listed like any other, in the ledger they
-- are none of a window's batches. Null where no envelope could be read, and in letters from before this file.
ALTER TABLE dead_letters ADD COLUMN format text;
