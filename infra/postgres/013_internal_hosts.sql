-- Which of a project's sessions are its makers' own (docs/facts.md).
ALTER TABLE projects
  -- beside localhost, staging and their like: hosts, `*.example.com` for subdomains
  ADD COLUMN internal_hosts text[] NOT NULL DEFAULT '{}',
  -- whether lists leave them out unless asked, once visitors of other hosts have come
  ADD COLUMN hide_internal  boolean NOT NULL DEFAULT true;
