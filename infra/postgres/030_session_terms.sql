-- What session lists are filtered by exactly, as words of one index: any two rare ones meet in it without a look at the
-- sessions that have only one. It follows the row's columns; nobody writes it. docs/decisions/0019-sessions-at-size.md.
CREATE FUNCTION session_terms(
  country text, browser text, os text, device text, release text, error_count integer, console_error_count integer,
  request_failed_count integer, rage_click_count integer, dead_click_count integer
) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
  'country:' || country, 'browser:' || lower(browser), 'os:' || lower(os), 'device:' || lower(device),
  'release:' || release,
  CASE WHEN error_count > 0 THEN 'errors' END, CASE WHEN console_error_count > 0 THEN 'console_errors' END,
  CASE WHEN request_failed_count > 0 THEN 'failed_requests' END, CASE WHEN rage_click_count > 0 THEN 'rage_clicks' END,
  CASE WHEN dead_click_count > 0 THEN 'dead_clicks' END
];

CREATE INDEX sessions_meta_terms ON sessions_meta USING gin (
  session_terms(country, browser, os, device, release, error_count, console_error_count, request_failed_count,
    rage_click_count, dead_click_count),
  paths
) WHERE batch_count > 0;

-- How common each word is: without it the planner takes all for rare, and gathers half of the table to show 50.
CREATE STATISTICS sessions_meta_terms_frequency ON (
  session_terms(country, browser, os, device, release, error_count, console_error_count, request_failed_count,
    rage_click_count, dead_click_count)
) FROM sessions_meta;
ANALYZE sessions_meta;
