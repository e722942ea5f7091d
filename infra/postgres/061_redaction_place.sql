-- By which rules `stream_seq` was noted: what had read older ones before may be under way to the tables up to it.
ALTER TABLE redactions ADD COLUMN stream_rules integer;
