/** Deletions: a tombstone is written here; the worker's sweep carries it out (core/worker/sweep.ts). */
import { z } from "@hono/zod-openapi";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { askClickHouse, askPostgres, QUERY_MS } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";
import { Refusal } from "../refusal.ts";

/** What became of a deletion, and where bytes still lie. */
export const Receipt = z
  .object({
    receipt_id: z.string(),
    kind: z.enum(["session", "user"]),
    session_id: z.string().nullable(),
    user_id: z.string().nullable(),
    requested_at: z.iso.datetime(),
    status: z.enum(["pending", "done"]).openapi({
      description:
        "pending: gone from every read, rows are being taken away. done: looked for again, and nothing found",
    }),
    done_at: z.iso.datetime().nullable(),
    sessions: z.int().openapi({ description: "that are deleted by it; those of a person that come late are added" }),
    removed: z
      .record(z.string(), z.int())
      .openapi({ description: "rows taken away so far, copies included, by table" }),
    still_held: z
      .object({
        stream_until: z.iso.datetime().nullable().openapi({
          description: "when the stream lets go of the last message that may hold some; null while that is not known",
        }),
        spools: z.string(),
        backups: z.string(),
      })
      .openapi({ description: "where bytes may lie that no read shows" }),
  })
  .openapi("Receipt");
export type Receipt = z.infer<typeof Receipt>;

const ReceiptRow = z.object({
  id: z.string(),
  session_id: z.string().nullable(),
  user_id: z.string().nullable(),
  requested_at: isoDate,
  done_at: isoDate.nullable(),
  passed_at: z.date().nullable(),
  sessions: z.int(),
  removed: z.record(z.string(), z.coerce.number()),
});

/** They are named to ClickHouse with each query: as many as fit into its address. */
const BEING_DELETED_MAX = 20_000;

/**
 * Sessions of the project that are deleted and may still have rows.
 * @throws Refusal where they are too many to leave them out of a query
 */
export async function sessionsBeingDeleted(sql: Sql, projectId: number): Promise<string[]> {
  const rows = await askPostgres(sql<{ session_id: string }[]>`
    SELECT session_id FROM tombstones
    WHERE project_id = ${projectId} AND session_id IS NOT NULL AND done_at IS NULL
    LIMIT ${BEING_DELETED_MAX + 1}`);
  if (rows.length > BEING_DELETED_MAX) {
    const detail = "many sessions are being deleted; try again when that is done";
    throw new Refusal("storage_unavailable", { detail }, { retryAfterS: 60 });
  }
  return rows.map(({ session_id }) => session_id);
}

/**
 * Deletes those of the sessions of which anything is known.
 * @returns the receipt of each, the same where it was deleted before
 */
export async function deleteSessions(
  sql: Sql,
  projectId: number,
  sessionIds: readonly string[],
  personId: string,
): Promise<{ id: string; session_id: string }[]> {
  const ids = [...sessionIds];
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      const known = await transaction<{ session_id: string }[]>`
        SELECT session_id FROM sessions_meta WHERE project_id = ${projectId} AND session_id = ANY (${ids}::uuid[])
        UNION SELECT session_id FROM dead_letters WHERE project_id = ${projectId} AND session_id = ANY (${ids}::uuid[])
        UNION SELECT i.session_id FROM imports i JOIN imported_batches b ON b.import_id = i.id
        WHERE i.project_id = ${projectId} AND i.session_id = ANY (${ids}::uuid[])`;
      const knownIds = known.map(({ session_id }) => session_id);
      if (knownIds.length > 0) await bury(transaction, projectId, knownIds, personId, null);
      return transaction<{ id: string; session_id: string }[]>`
        SELECT id, session_id FROM tombstones WHERE project_id = ${projectId} AND session_id = ANY (${ids}::uuid[])`;
    }),
    QUERY_MS,
  );
}

/**
 * What is received of the person from here on is another time's; what came before and is not loaded yet, the worker
 * refuses, or finds.
 */
export async function deletePerson(
  sql: Sql,
  projectId: number,
  userId: string,
  { sessionIds, personId }: { sessionIds: readonly string[]; personId: string },
): Promise<string> {
  const [row] = await askPostgres(
    inTransaction(sql, async (transaction) => {
      const made = await transaction<[{ id: string }]>`
        INSERT INTO tombstones (project_id, user_id, before, requested_by)
        VALUES (${projectId}, ${userId}, now(), ${personId}) RETURNING id`;
      await bury(transaction, projectId, sessionIds, personId, made[0].id);
      return made;
    }),
    QUERY_MS,
  );
  return row.id;
}

async function bury(
  sql: Queryable,
  projectId: number,
  sessionIds: readonly string[],
  personId: string,
  cause: string | null,
): Promise<void> {
  await sql`
    INSERT INTO tombstones (project_id, session_id, requested_by, cause)
    SELECT ${projectId}, id, ${personId}, ${cause} FROM unnest(${[...sessionIds]}::uuid[]) AS id
    ON CONFLICT DO NOTHING`;
}

export async function receipts(
  sql: Sql,
  projectId: number,
  streamKeptH: number,
  only: { ids?: readonly string[]; limit: number },
): Promise<Receipt[]> {
  const rows = await askPostgres(sql`
    SELECT t.id, t.session_id, t.user_id, t.requested_at, t.done_at,
      CASE WHEN t.user_id IS NULL THEN t.passed_at WHEN s.pending = 0 THEN coalesce(s.passed_at, t.passed_at) END AS passed_at,
      CASE WHEN t.user_id IS NULL THEN 1 ELSE s.sessions END AS sessions,
      CASE WHEN t.user_id IS NULL THEN t.removed ELSE s.removed END AS removed
    FROM tombstones t
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS sessions, max(c.passed_at) AS passed_at,
        count(*) FILTER (WHERE c.passed_at IS NULL)::int AS pending,
        (SELECT coalesce(jsonb_object_agg(name, rows), '{}') FROM (
          SELECT e.key AS name, sum(e.value::bigint) AS rows
          FROM tombstones o CROSS JOIN LATERAL jsonb_each_text(o.removed) AS e
          WHERE o.cause = t.id GROUP BY e.key) AS summed) AS removed
      FROM tombstones c WHERE c.cause = t.id) AS s
    WHERE t.project_id = ${projectId} AND ${only.ids ? sql`t.id = ANY (${[...only.ids]}::uuid[])` : sql`t.cause IS NULL`}
    ORDER BY t.requested_at DESC LIMIT ${only.limit}`);
  return z
    .array(ReceiptRow)
    .parse(rows)
    .map(({ id, passed_at, done_at, ...row }) => ({
      receipt_id: id,
      kind: row.user_id === null ? "session" : "user",
      ...row,
      status: done_at === null ? "pending" : "done",
      done_at,
      still_held: {
        stream_until: passed_at && new Date(passed_at.getTime() + streamKeptH * 3_600_000).toISOString(),
        spools: "a copy that an edge still holds is refused when it comes",
        backups: "as long as you keep them; what is restored heeds this deletion",
      },
    }));
}

/** A session in which a person was seen, and by which other users it was used as well. */
export const SessionOfPerson = z
  .object({ session_id: z.string(), other_users: z.array(z.string()) })
  .openapi("SessionOfPerson");
export type SessionOfPerson = z.infer<typeof SessionOfPerson>;

/** Where a page of them ended: by a session's id, as text. */
export const SessionOfPersonCursor = z.tuple([z.guid().toLowerCase()]);
type SessionOfPersonCursor = z.infer<typeof SessionOfPersonCursor>;

export const PreviewCounts = z.object({
  session_count: z.int(),
  shared_count: z.int().openapi({ description: "of these, how many show others too" }),
});

const OTHERS_NAMED_MAX = 100;

/** A page of the sessions that showed this user in a recording or in custom events. */
export async function sessionsOfPerson(
  clickhouse: ClickHouseClient,
  person: { projectId: number; userId: string },
  { limit, cursor }: { limit: number; cursor?: SessionOfPersonCursor | undefined },
  caller?: AbortSignal,
): Promise<{ sessions: SessionOfPerson[]; last: SessionOfPersonCursor | null }> {
  const query = `
    ${SESSIONS_OF_PERSON}, page AS (
      SELECT session_id FROM theirs WHERE toString(session_id) > {after: String} ORDER BY toString(session_id) LIMIT {limit: UInt32}
    )
    SELECT toString(session_id) AS session_id,
      arraySort(arrayFilter(u -> u != {user: String}, groupUniqArray(${OTHERS_NAMED_MAX})(assumeNotNull(user_id)))) AS other_users
    FROM (${namedIn("page")})
    GROUP BY session_id ORDER BY session_id`;
  const asked = { ...person, after: cursor?.[0] ?? "", limit: limit + 1 };
  const rows = z.array(SessionOfPerson).parse(await askOfPerson(clickhouse, query, asked, caller));
  const sessions = rows.slice(0, limit);
  const end = rows.length > limit ? sessions.at(-1) : undefined;
  return { sessions, last: end ? [end.session_id] : null };
}

/** How many there are in all. */
export async function countSessionsOfPerson(
  clickhouse: ClickHouseClient,
  person: { projectId: number; userId: string },
  caller?: AbortSignal,
): Promise<z.infer<typeof PreviewCounts>> {
  const query = `
    ${SESSIONS_OF_PERSON}
    SELECT count()::UInt32 AS session_count, countIf(is_shared)::UInt32 AS shared_count
    FROM (SELECT session_id, max(user_id != {user: String}) AS is_shared FROM (${namedIn("theirs")}) GROUP BY session_id)`;
  const [row] = await askOfPerson(clickhouse, query, person, caller);
  return PreviewCounts.parse(row);
}

const SessionToDelete = z.object({ session_id: z.string(), is_shared: z.int().transform(Boolean) });

/** All of them, and of each no more than whether others used it: a person may have very many. */
export async function sessionsToDelete(
  clickhouse: ClickHouseClient,
  person: { projectId: number; userId: string },
  caller?: AbortSignal,
): Promise<z.infer<typeof SessionToDelete>[]> {
  const query = `${SESSIONS_OF_PERSON}
    SELECT toString(session_id) AS session_id, max(user_id != {user: String}) AS is_shared
    FROM (${namedIn("theirs")}) GROUP BY session_id`;
  return z.array(SessionToDelete).parse(await askOfPerson(clickhouse, query, person, caller));
}

const SESSIONS_OF_PERSON = `
  WITH theirs AS (
    SELECT session_id FROM batches WHERE project_id = {project: UInt32} AND user_id = {user: String}
    UNION DISTINCT
    SELECT session_id FROM events WHERE project_id = {project: UInt32} AND user_id = {user: String}
  )`;

/** Who is named in these sessions, a row each time. */
function namedIn(sessions: "theirs" | "page"): string {
  return `
    SELECT session_id, user_id FROM batches
    WHERE project_id = {project: UInt32} AND user_id IS NOT NULL AND session_id IN (SELECT session_id FROM ${sessions})
    UNION ALL
    SELECT session_id, user_id FROM events
    WHERE project_id = {project: UInt32} AND user_id IS NOT NULL AND session_id IN (SELECT session_id FROM ${sessions})`;
}

async function askOfPerson(
  clickhouse: ClickHouseClient,
  query: string,
  { projectId, userId, ...more }: { projectId: number; userId: string; after?: string; limit?: number },
  caller?: AbortSignal,
): Promise<unknown[]> {
  return askClickHouse(
    async (abort_signal) => {
      const answer = await clickhouse.query({
        query,
        query_params: { project: projectId, user: userId, ...more },
        format: "JSONEachRow",
        clickhouse_settings: { log_comment: "api.sessions-of-person" },
        abort_signal,
      });
      return answer.json();
    },
    caller ? { caller } : {},
  );
}
