/**
 * `sessions_meta`: a session's claim, and the facts that lists filter by. Written by the worker only.
 *
 * The claim is the ground under exactly-once: whatever enters a sorting key, a partition or a TTL and is no function of
 * the batch's bytes is computed from it. So it is committed before the session's first insert and never changes.
 */
import type { SessionKey } from "../clickhouse/batches.ts";
import type { Queryable } from "./client.ts";
import { notices } from "./session-changes.ts";
import { postgresJson } from "./text.ts";

export interface Claim {
  /** The least received-at in the pull that claimed the session, ms. */
  first_received_at: number;
  /** What is added to the client's clock, ms. */
  clock_offset_ms: number;
}

export type ClaimedSession = SessionKey & Claim;

/**
 * Claims the sessions that nobody has claimed and answers with what holds for each: the first write wins, whoever asks.
 * A session whose project does not exist any more is not in the answer.
 */
export async function claimSessions(
  sql: Queryable,
  proposals: readonly ClaimedSession[],
): Promise<(ClaimedSession & { retention_days: number })[]> {
  // Sorted by key: two workers that claim the same sessions in different orders would wait for each other for ever.
  const sorted = proposals.toSorted((a, b) => a.project_id - b.project_id || (a.session_id < b.session_id ? -1 : 1));
  const rows = postgresJson(
    sorted.map((row) => ({ ...row, first_received_at: new Date(row.first_received_at).toISOString() })),
  );
  await sql`
    INSERT INTO sessions_meta (project_id, session_id, first_received_at, clock_offset_ms)
    SELECT p.id, c.session_id, c.first_received_at, c.clock_offset_ms
    FROM json_to_recordset(${rows}::text::json)
      AS c (project_id integer, session_id uuid, first_received_at timestamptz, clock_offset_ms bigint)
    JOIN projects p ON p.id = c.project_id
    ORDER BY c.project_id, c.session_id
    ON CONFLICT (project_id, session_id) DO NOTHING`;
  return sql<(ClaimedSession & { retention_days: number })[]>`
    SELECT m.project_id, m.session_id, ${claimColumns(sql)}, p.retention_days
    FROM sessions_meta m
    JOIN projects p ON p.id = m.project_id
    JOIN json_to_recordset(${rows}::text::json) AS c (project_id integer, session_id uuid)
      USING (project_id, session_id)`;
}

/** What the session lists show and filter by. Times are ms, corrected by the claim. */
export interface SessionFacts extends SessionKey {
  batch_count: number;
  started_at: number;
  ended_at: number;
  last_received_at: number;
  event_count: number;
  events_bytes: number;
  window_count: number;
  pageview_count: number;
  user_id: string | null;
  user_email: string | null;
  first_url: string | null;
  last_url: string | null;
  paths: string[];
  ua: string | null;
  browser: string | null;
  os: string | null;
  device: string | null;
  country: string | null;
  click_count: number;
  error_count: number;
  console_error_count: number;
  request_failed_count: number;
  release: string | null;
  environment: string | null;
  bot: string | null;
  is_internal: boolean;
  complete: boolean | null;
  incomplete_why: string | null;
  activity: number[];
}

export type LockedSession = ClaimedSession & { epoch: number; internal_hosts: string[] };

/**
 * Locks the sessions' rows for the rest of the transaction, in the order of their keys, so that facts are read and
 * written by one worker at a time: what is written last was read last.
 */
export async function lockSessions(transaction: Queryable, sessions: readonly SessionKey[]): Promise<LockedSession[]> {
  // Whoever holds these rows and falls silent (a stopped process, a lost host) gives them up in bounded time.
  await transaction`SET LOCAL idle_in_transaction_session_timeout = '60s'`;
  return transaction<LockedSession[]>`
    SELECT m.project_id, m.session_id, ${claimColumns(transaction)}, m.epoch,
      (SELECT p.internal_hosts FROM projects p WHERE p.id = m.project_id) AS internal_hosts
    FROM sessions_meta m
    JOIN (SELECT DISTINCT project_id, session_id FROM json_to_recordset(${keysJson(sessions)}::text::json)
      AS k (project_id integer, session_id uuid)) k USING (project_id, session_id)
    ORDER BY m.project_id, m.session_id
    FOR UPDATE OF m`;
}

/** Replaces the facts of each session unless the row has seen a later epoch, or more batches in the same one; and says so. */
export async function writeSessionFacts(
  sql: Queryable,
  facts: readonly (SessionFacts & { epoch: number })[],
): Promise<void> {
  if (facts.length === 0) return;
  const rows = postgresJson(
    facts.map((row) => ({
      ...row,
      started_at: new Date(row.started_at).toISOString(),
      ended_at: new Date(row.ended_at).toISOString(),
      last_received_at: new Date(row.last_received_at).toISOString(),
    })),
  );
  await sql`
    WITH changed AS (UPDATE sessions_meta m SET
      epoch = f.epoch, batch_count = f.batch_count, started_at = f.started_at, ended_at = f.ended_at,
      last_received_at = f.last_received_at, event_count = f.event_count, events_bytes = f.events_bytes,
      window_count = f.window_count, pageview_count = f.pageview_count, user_id = f.user_id,
      user_email = f.user_email, first_url = f.first_url, last_url = f.last_url, paths = f.paths, ua = f.ua,
      browser = f.browser, os = f.os, device = f.device, country = f.country, complete = f.complete,
      click_count = f.click_count, error_count = f.error_count, console_error_count = f.console_error_count,
      request_failed_count = f.request_failed_count, release = f.release, environment = f.environment,
      bot = f.bot, is_internal = f.is_internal, incomplete_why = f.incomplete_why, activity = f.activity, updated_at = now()
    FROM json_to_recordset(${rows}::text::json) AS f (
      project_id integer, session_id uuid, epoch integer, batch_count integer, started_at timestamptz,
      ended_at timestamptz, last_received_at timestamptz, event_count bigint, events_bytes bigint,
      window_count integer, pageview_count integer, user_id text, user_email text, first_url text, last_url text,
      paths text[], ua text, browser text, os text, device text, country text, complete boolean,
      click_count integer, error_count integer, console_error_count integer, request_failed_count integer,
      release text, environment text, bot text, is_internal boolean, incomplete_why text, activity integer[])
    WHERE m.project_id = f.project_id AND m.session_id = f.session_id
      AND (f.epoch, f.batch_count) >= (m.epoch, m.batch_count)
    RETURNING m.project_id, m.session_id)
    SELECT ${notices(sql)} FROM changed`;
}

/** For `json_to_recordset`: callers pass rows that hold more than their keys. */
export function keysJson(sessions: readonly SessionKey[]): string {
  return JSON.stringify(sessions.map(({ project_id, session_id }) => ({ project_id, session_id })));
}

export function claimColumns(sql: Queryable) {
  return sql`
    (extract(epoch FROM m.first_received_at) * 1000)::float8 AS first_received_at,
    m.clock_offset_ms::float8 AS clock_offset_ms`;
}
