import { z } from "@hono/zod-openapi";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";
import type { Interval, Period } from "../period.ts";
import { Refusal } from "../refusal.ts";
import type { ReadProject } from "./projects.ts";
import { countedAsHidden, incompleteWhy, isHidden, matching, type SessionFilters } from "./session-filters.ts";
import { after, inOrder, type ListCursor, place, type Sort, toCursorPlace } from "./session-order.ts";

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
    click_count: z.int(),
    error_count: z.int().openapi({ description: "errors that nobody caught, and rejections that nobody handled" }),
    console_error_count: z.int(),
    request_failed_count: z.int().openapi({ description: "requests without an answer, or with a status from 400 on" }),
    rage_click_count: z.int().openapi({ description: "this and the next two: once nothing has come for ten seconds" }),
    dead_click_count: z.int(),
    active_ms: z.int().openapi({ description: "time within 5 s of anything that the visitor did" }),
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
    release: z.string().nullable().openapi({ description: "the site's version, as last told" }),
    environment: z.string().nullable(),
    bot: z.string().nullable().openapi({
      example: null,
      description:
        "what the user agent is, where it is no visitor's: crawler, headless or program. Crawlers are left out of lists",
    }),
    is_internal: z.boolean().openapi({ description: "of the site in the making: localhost, staging and their like" }),
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

/** As `summary` selects it. */
export const SummaryRow = SessionSummary.extend({ started_at: isoDate, ended_at: isoDate });
const ListedRow = SummaryRow.extend({ place: z.string() });
const FoundRow = SummaryRow.extend({ epoch: z.int() });

export interface SessionPage {
  sessions: SessionSummary[];
  /** Where each of them stands in the order. */
  places: ListCursor[];
  /** The last of them, where more follow. */
  last: ListCursor | null;
}

export interface ListOptions {
  sort: Sort;
  limit: number;
  /** Of a list in the same order. */
  cursor?: ListCursor | undefined;
  /** The list the other way round: what comes before `cursor`, the nearest first. */
  back?: boolean | undefined;
  /** Only these sessions, where given. */
  among?: readonly string[] | undefined;
}

/** A project's sessions in an order, after `cursor`, without those that are hidden. One is listed once it has a loaded batch. */
export async function listSessions(
  sql: Sql,
  project: ReadProject,
  filters: SessionFilters,
  { sort, limit, cursor, back, among }: ListOptions,
): Promise<SessionPage> {
  const rows = await askPostgres(
    sql`
      SELECT ${summary(sql)}, ${place(sql, sort)} AS place
      FROM sessions_meta
      WHERE ${isListed(sql, project, filters, among)} ${cursor ? sql`AND ${after(sql, sort, cursor, back)}` : sql``}
      ORDER BY ${inOrder(sql, sort, back)}
      LIMIT ${limit + 1}`,
    QUERY_MS,
  );
  const page = z.array(ListedRow).parse(rows.slice(0, limit));
  const places = page.map(({ place, session_id }) => toCursorPlace(sort, place, session_id));
  return {
    sessions: page.map(({ place: _, ...session }) => session),
    places,
    last: (rows.length > limit && places.at(-1)) || null,
  };
}

/** Where a session stands in an order, whatever a list's filters are; null where there is no such session to be read. */
export async function placeOfSession(
  sql: Sql,
  project: ReadProject,
  sessionId: string,
  sort: Sort,
): Promise<ListCursor | null> {
  const rows = await askPostgres(sql`
    SELECT ${place(sql, sort)} AS place FROM sessions_meta
    WHERE ${readable(sql, project)} AND session_id = ${sessionId}`);
  return rows[0] ? toCursorPlace(sort, z.string().parse(rows[0].place), sessionId) : null;
}

/** How many sessions a list has, up to `most`. */
export async function countListed(
  sql: Sql,
  project: ReadProject,
  filters: SessionFilters,
  { most, among }: { most: number; among?: readonly string[] | undefined },
): Promise<number> {
  const [row] = await askPostgres(
    sql`
      SELECT count(*)::int AS count FROM (
        SELECT FROM sessions_meta WHERE ${isListed(sql, project, filters, among)} LIMIT ${most}
      ) AS found`,
    QUERY_MS,
  );
  return z.object({ count: z.int() }).parse(row).count;
}

/** What makes a session one of a list. */
export function isListed(
  sql: Sql,
  project: ReadProject,
  filters: SessionFilters,
  among: readonly string[] | undefined,
) {
  const conditions = [...matching(sql, filters, among), sql`NOT ${isHidden(sql, project, filters)}`];
  return conditions.reduce((all, condition) => sql`${all} AND ${condition}`, readable(sql, project));
}

/** Counting goes no further. */
const HIDDEN_COUNTED_MAX = 1_000;

export const HiddenCounts = z.object({ bots: z.int(), internal: z.int() }).openapi("HiddenSessions", {
  description: `sessions that match and are left out, up to ${HIDDEN_COUNTED_MAX} in all`,
});
export type HiddenCounts = z.infer<typeof HiddenCounts>;

/** How many sessions a list leaves out, of those that it would have. */
export async function countHidden(
  sql: Sql,
  project: ReadProject,
  filters: SessionFilters,
  among?: readonly string[] | undefined,
): Promise<HiddenCounts> {
  const conditions = [
    readable(sql, project),
    countedAsHidden(sql),
    ...matching(sql, filters, among),
    isHidden(sql, project, filters),
  ];
  const [row] = await askPostgres(
    sql`
      SELECT count(*) FILTER (WHERE bot = 'crawler')::int AS bots,
        count(*) FILTER (WHERE bot IS DISTINCT FROM 'crawler')::int AS internal
      FROM (
        SELECT bot FROM sessions_meta
        WHERE ${conditions.reduce((all, condition) => sql`${all} AND ${condition}`)}
        LIMIT ${HIDDEN_COUNTED_MAX}
      ) AS hidden`,
    QUERY_MS,
  );
  return HiddenCounts.parse(row);
}

/** The session, if this project has it, a batch of it is loaded, and it has not expired. */
async function findSession(sql: Sql, project: ReadProject, sessionId: string): Promise<FoundSession | null> {
  const rows = await askPostgres(sql`
    SELECT ${summary(sql)}, epoch
    FROM sessions_meta
    WHERE ${readable(sql, project)} AND session_id = ${sessionId}`);
  if (!rows[0]) return null;
  const { epoch, ...found } = FoundRow.parse(rows[0]);
  return { key: { project_id: project.id, session_id: sessionId }, summary: found, epoch };
}

/** @throws Refusal `not_found` */
export async function sessionOrNotFound(sql: Sql, project: ReadProject, sessionId: string): Promise<FoundSession> {
  const session = await findSession(sql, project, sessionId);
  if (!session) throw new Refusal("not_found", { detail: "this project has no such session" });
  return session;
}

/** Those of the sessions that may be read, in no order. */
export async function sessionsById(sql: Sql, project: ReadProject, ids: readonly string[]): Promise<SessionSummary[]> {
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
  project: ReadProject,
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

export function summary(sql: Sql) {
  return sql`
    session_id, started_at, ended_at,
    round(extract(epoch FROM ended_at - started_at) * 1000)::float8 AS duration_ms,
    event_count::float8 AS event_count, batch_count, window_count, pageview_count,
    click_count, error_count, console_error_count, request_failed_count,
    rage_click_count, dead_click_count, active_ms::float8 AS active_ms,
    user_id, user_email, first_url, paths, complete,
    ${incompleteWhy(sql)} AS incomplete_why,
    browser, os, device, country, ua, release, environment, bot, is_internal, activity`;
}

/** Retention counts from the claim, so that a session expires whole, and from every read at once. So does deletion. */
export function readable(sql: Sql, { id, retention_days }: ReadProject) {
  return sql`project_id = ${id} AND batch_count > 0 AND started_at IS NOT NULL
    AND first_received_at > now() - ${retention_days} * interval '1 day'
    AND NOT EXISTS (
      SELECT FROM tombstones t
      WHERE t.project_id = sessions_meta.project_id AND t.session_id = sessions_meta.session_id)`;
}
