-- A session's row is claimed, first write wins, before its first insert into ClickHouse; the claim never changes after.
-- The facts below it are recomputed from deduplicated rows after each load, and replaced by (epoch, batch_count).
-- A session is listed once it has a loaded batch.
CREATE TABLE sessions_meta (
  project_id        integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  session_id        uuid NOT NULL,

  -- the claim
  first_received_at timestamptz NOT NULL,
  clock_offset_ms   bigint NOT NULL DEFAULT 0,

  -- the facts
  epoch             integer NOT NULL DEFAULT 0,
  batch_count       integer NOT NULL DEFAULT 0,
  started_at        timestamptz,
  ended_at          timestamptz,
  -- by the edge's clock: an incomplete session whose why is 'open' is read as 'no_end' after 30 minutes of silence
  last_received_at  timestamptz,
  event_count       bigint NOT NULL DEFAULT 0,
  events_bytes      bigint NOT NULL DEFAULT 0,
  window_count      integer NOT NULL DEFAULT 0,
  pageview_count    integer NOT NULL DEFAULT 0,
  error_count       integer NOT NULL DEFAULT 0,
  user_id           text,
  user_email        text,
  first_url         text,
  last_url          text,
  paths             text[] NOT NULL DEFAULT '{}',
  ua                text,
  browser           text,
  os                text,
  device            text,
  country           text,
  complete          boolean,
  incomplete_why    text,
  -- events in each of up to 40 equal stretches of the session: the list's sparkline
  activity          integer[] NOT NULL DEFAULT '{}',
  updated_at        timestamptz NOT NULL DEFAULT now(),

  PRIMARY KEY (project_id, session_id)
);
CREATE INDEX sessions_meta_newest ON sessions_meta (project_id, started_at DESC, session_id DESC) WHERE batch_count > 0;
