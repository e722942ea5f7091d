import { z } from "@hono/zod-openapi";
import { WINDOW_OPEN_MS } from "#core/facts/ledger.ts";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import { flag, Instant, text, wholeNumber } from "../parameters.ts";
import type { Interval, Period } from "../period.ts";
import { Refusal } from "../refusal.ts";
import type { Project } from "./projects.ts";

const DURATION_MS_MAX = 366 * 24 * 3_600_000;

export const SessionFilters = z.object({
  from: Instant.optional().openapi({ description: "started at or after" }),
  to: Instant.optional().openapi({ description: "started before" }),
  user: text.optional().openapi({ description: "id or e-mail contains this, ignoring case" }),
  url: text.optional().openapi({ description: "first or last URL, or a path visited contains this, ignoring case" }),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, "two letters (ISO 3166-1)")
    .toUpperCase()
    .optional(),
  browser: text.optional().openapi({ description: "name, ignoring case", example: "Firefox" }),
  os: text.optional().openapi({ description: "name, ignoring case" }),
  device: text.optional().openapi({ description: "kind of device, ignoring case", example: "mobile" }),
  min_duration_ms: wholeNumber(0, DURATION_MS_MAX).optional(),
  max_duration_ms: wholeNumber(0, DURATION_MS_MAX).optional(),
  has_errors: flag.optional(),
  complete: flag.optional(),
});
export type SessionFilters = z.infer<typeof SessionFilters>;

const instant = z.iso.datetime();

/** One session as lists show it. Times are UTC; `duration_ms` is from its first event to its last. */
export const SessionSummary = z
  .object({
    session_id: z.string(),
    started_at: instant,
    ended_at: instant,
    duration_ms: z.int(),
    event_count: z.int(),
    batch_count: z.int(),
    window_count: z.int(),
    pageview_count: z.int(),
    error_count: z.int(),
    user_id: z.string().nullable(),
    user_email: z.string().nullable(),
    first_url: z.string().nullable(),
    paths: z.array(z.string()).openapi({ description: "in order of visit" }),
    complete: z.boolean().nullable().openapi({ description: "null where the recorder does not tell" }),
    incomplete_why: z.string().nullable(),
    browser: z.string().nullable(),
    os: z.string().nullable(),
    device: z.string().nullable(),
    country: z.string().nullable(),
    ua: z.string().nullable().openapi({ description: "user agent" }),
    activity: z.array(z.int()).openapi({ description: "events in each of up to 40 equal stretches" }),
  })
  .openapi("SessionSummary");
export type SessionSummary = z.infer<typeof SessionSummary>;

/** What a session's row says beside its summary. */
export interface FoundSession {
  key: SessionKey;
  summary: SessionSummary;
  /** Raised by deletion and redaction. */
  epoch: number;
}

const isoDate = z.date().transform((date) => date.toISOString());
const SummaryRow = SessionSummary.extend({ started_at: isoDate, ended_at: isoDate });
const ListedRow = SummaryRow.extend({ place: z.string() });
const FoundRow = SummaryRow.extend({ epoch: z.int() });

/** Where a page of the list ended: the session's start, with its microseconds, and its id. */
export const ListCursor = z.tuple([z.iso.datetime({ precision: 6 }), z.guid()]);
export type ListCursor = z.infer<typeof ListCursor>;

export interface SessionPage {
  sessions: SessionSummary[];
  /** The last of them, where more follow. */
  last: ListCursor | null;
}

/** A project's sessions, newest first, after `cursor`. One is listed once it has a loaded batch. */
export async function listSessions(
  sql: Sql,
  project: Pick<Project, "id" | "retention_days">,
  filters: SessionFilters,
  { limit, cursor }: { limit: number; cursor?: ListCursor | undefined },
): Promise<SessionPage> {
  const conditions = [readable(sql, project), ...matching(sql, filters)];
  if (cursor) conditions.push(sql`(started_at, session_id) < (${cursor[0]}::timestamptz, ${cursor[1]}::uuid)`);
  const rows = await askPostgres(
    sql`
      SELECT ${summary(sql)},
        to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place
      FROM sessions_meta
      WHERE ${conditions.reduce((all, condition) => sql`${all} AND ${condition}`)}
      ORDER BY started_at DESC, session_id DESC
      LIMIT ${limit + 1}`,
    QUERY_MS,
  );
  const listed = z.array(ListedRow).parse(rows.slice(0, limit));
  const last = rows.length > limit ? listed.at(-1) : undefined;
  return {
    sessions: listed.map(({ place: _, ...session }) => session),
    last: last ? [last.place, last.session_id] : null,
  };
}

/** The session, if this project has it, a batch of it is loaded, and it has not expired. */
async function findSession(
  sql: Sql,
  project: Pick<Project, "id" | "retention_days">,
  sessionId: string,
): Promise<FoundSession | null> {
  const rows = await askPostgres(sql`
    SELECT ${summary(sql)}, epoch
    FROM sessions_meta
    WHERE ${readable(sql, project)} AND session_id = ${sessionId}`);
  if (!rows[0]) return null;
  const { epoch, ...found } = FoundRow.parse(rows[0]);
  return { key: { project_id: project.id, session_id: sessionId }, summary: found, epoch };
}

/** @throws Refusal `not_found` */
export async function sessionOrNotFound(
  sql: Sql,
  project: Pick<Project, "id" | "retention_days">,
  sessionId: string,
): Promise<FoundSession> {
  const session = await findSession(sql, project, sessionId);
  if (!session) throw new Refusal("not_found", { detail: "this project has no such session" });
  return session;
}

/** Those of the sessions that may be read, in no order. */
export async function sessionsById(
  sql: Sql,
  project: Pick<Project, "id" | "retention_days">,
  ids: readonly string[],
): Promise<SessionSummary[]> {
  if (ids.length === 0) return [];
  const rows = await askPostgres(
    sql`SELECT ${summary(sql)} FROM sessions_meta WHERE ${readable(sql, project)} AND session_id = ANY (${[...ids]}::uuid[])`,
    QUERY_MS,
  );
  return z.array(SummaryRow).parse(rows);
}

const CountRow = z.object({ t: z.number(), value: z.number() });

/** Sessions that started in the period, by the ms at which their interval begins. */
export async function countSessions(
  sql: Sql,
  project: Pick<Project, "id" | "retention_days">,
  { from, to }: Period,
  interval: Interval,
): Promise<Map<number, number>> {
  const rows = await askPostgres(
    sql`
      SELECT (extract(epoch FROM date_trunc(${interval}, started_at, 'UTC')) * 1000)::float8 AS t,
        count(*)::float8 AS value
      FROM sessions_meta
      WHERE ${readable(sql, project)} AND started_at >= ${from} AND started_at < ${to}
      GROUP BY t`,
    QUERY_MS,
  );
  return new Map(
    z
      .array(CountRow)
      .parse(rows)
      .map(({ t, value }) => [t, value]),
  );
}

/** From the session's first event to its last, ms, corrected by its claim. */
export function spanOf({ started_at, ended_at }: SessionSummary): { from: number; to: number } {
  return { from: Date.parse(started_at), to: Date.parse(ended_at) };
}

function summary(sql: Sql) {
  return sql`
    session_id, started_at, ended_at,
    round(extract(epoch FROM ended_at - started_at) * 1000)::float8 AS duration_ms,
    event_count::float8 AS event_count, batch_count, window_count, pageview_count, error_count,
    user_id, user_email, first_url, paths, complete,
    CASE WHEN incomplete_why = 'open' AND last_received_at < now() - ${WINDOW_OPEN_MS} * interval '1 millisecond'
      THEN 'no_end' ELSE incomplete_why END AS incomplete_why,
    browser, os, device, country, ua, activity`;
}

/** Retention counts from the claim, so that a session expires whole, and from every read at once. So does deletion. */
function readable(sql: Sql, { id, retention_days }: Pick<Project, "id" | "retention_days">) {
  return sql`project_id = ${id} AND batch_count > 0 AND started_at IS NOT NULL
    AND first_received_at > now() - ${retention_days} * interval '1 day'
    AND NOT EXISTS (
      SELECT FROM tombstones t
      WHERE t.project_id = sessions_meta.project_id AND t.session_id = sessions_meta.session_id)`;
}

function matching(sql: Sql, filters: SessionFilters) {
  const { from, to, user, url, country, browser, os, device, min_duration_ms, max_duration_ms } = filters;
  const lasts = sql`ended_at - started_at`;
  return [
    from && sql`started_at >= ${from}`,
    to && sql`started_at < ${to}`,
    user && sql`(user_id ILIKE ${containing(user)} OR user_email ILIKE ${containing(user)})`,
    url &&
      sql`(first_url ILIKE ${containing(url)} OR last_url ILIKE ${containing(url)}
        OR EXISTS (SELECT FROM unnest(paths) AS path WHERE path ILIKE ${containing(url)}))`,
    country && sql`country = ${country}`,
    browser && sql`lower(browser) = lower(${browser})`,
    os && sql`lower(os) = lower(${os})`,
    device && sql`lower(device) = lower(${device})`,
    min_duration_ms !== undefined && sql`${lasts} >= ${min_duration_ms} * interval '1 millisecond'`,
    max_duration_ms !== undefined && sql`${lasts} <= ${max_duration_ms} * interval '1 millisecond'`,
    filters.has_errors !== undefined && sql`(error_count > 0) = ${filters.has_errors}`,
    filters.complete !== undefined && sql`complete = ${filters.complete}`,
  ].filter((condition) => condition !== false && condition !== undefined && condition !== "");
}

/** A LIKE pattern; the text's own wildcards mean themselves. */
function containing(part: string): string {
  return `%${part.replace(/[\\%_]/g, "\\$&")}%`;
}
