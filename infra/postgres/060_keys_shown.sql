-- When the edge last asked for a key on behalf of a page, and of which origin that was: what people are told who wait for
-- their first event. Not each time is written, and the origin is what a stranger's browser may say.
ALTER TABLE project_keys
  ADD COLUMN shown_at     timestamptz,
  ADD COLUMN shown_origin text;

-- When a page last showed a key that nobody has: one row at most, since whose project it meant cannot be known.
CREATE TABLE unknown_key_shown (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  at       timestamptz NOT NULL
);
