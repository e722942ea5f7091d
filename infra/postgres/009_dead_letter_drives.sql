-- What people decide on dead letters; the worker carries it out.
ALTER TABLE dead_letters
  -- when it was last found to be dead: a drive that does not find so has loaded it
  ADD COLUMN died_at    timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN redrive_at timestamptz,
  ADD COLUMN redrives   integer NOT NULL DEFAULT 0,
  -- its content is thrown away; that it was rejected, its session's ledger goes on saying
  ADD COLUMN dropped_at timestamptz;
CREATE INDEX dead_letters_to_drive ON dead_letters (redrive_at) WHERE redrive_at IS NOT NULL;
