/** Takes rows away for good: deleted sessions, and what a project keeps no longer. Only the worker's sweep does. */
import { z } from "zod";
import type { SessionKey } from "./batches.ts";
import type { ClickHouseClient } from "./client.ts";

/** Every table that holds something of a session. */
export const SESSION_TABLES = ["events_rrweb", "events", "batches", "seen_text"] as const;
export type SessionTable = (typeof SESSION_TABLES)[number];

const Found = z.object({ project_id: z.int(), session_id: z.string(), rows: z.coerce.number() });
export type FoundRows = z.infer<typeof Found>;

/** How many rows, copies included, lie in a table of each of the sessions that have any. */
export async function rowsOfSessions(
  clickhouse: ClickHouseClient,
  table: SessionTable,
  sessions: readonly SessionKey[],
): Promise<FoundRows[]> {
  const result = await clickhouse.query({
    query: `SELECT project_id, toString(session_id) AS session_id, count() AS rows FROM {table: Identifier}
      WHERE (project_id, session_id) IN (${SESSIONS}) GROUP BY project_id, session_id`,
    query_params: { table, ...parametersOf(sessions) },
    format: "JSONEachRow",
  });
  return z.array(Found).parse(await result.json());
}

/** The sessions of a project that hold a user, in a recording or in custom events. */
export async function sessionsOfUser(
  clickhouse: ClickHouseClient,
  { project_id, user_id }: { project_id: number; user_id: string },
): Promise<string[]> {
  const result = await clickhouse.query({
    query: `SELECT DISTINCT toString(session_id) AS id FROM (
        SELECT session_id FROM batches WHERE project_id = {project: UInt32} AND user_id = {user: String}
        UNION ALL
        SELECT session_id FROM events WHERE project_id = {project: UInt32} AND user_id = {user: String}
      )`,
    query_params: { project: project_id, user: user_id },
    format: "JSONEachRow",
  });
  return z
    .array(z.object({ id: z.string() }))
    .parse(await result.json())
    .map(({ id }) => id);
}

/** Resolves when the rows are gone from every part: a mutation rewrites those that had any. */
export async function removeSessions(
  clickhouse: ClickHouseClient,
  table: SessionTable,
  sessions: readonly SessionKey[],
): Promise<void> {
  await clickhouse.command({
    query: `ALTER TABLE {table: Identifier} DELETE WHERE (project_id, session_id) IN (${SESSIONS})`,
    query_params: { table, ...parametersOf(sessions) },
    clickhouse_settings: { mutations_sync: "2" },
  });
}

/** @param day `YYYY-MM-DD`: sessions that were first received before it go */
export async function removeBefore(
  clickhouse: ClickHouseClient,
  table: SessionTable,
  projectId: number,
  day: string,
): Promise<number> {
  const query_params = { table, projectId, day };
  const where = "project_id = {projectId: UInt32} AND received_on < {day: Date}";
  const counted = await clickhouse.query({
    query: `SELECT count() AS rows FROM {table: Identifier} WHERE ${where}`,
    query_params,
    format: "JSONEachRow",
  });
  const [{ rows }] = z.tuple([z.object({ rows: z.coerce.number() })]).parse(await counted.json());
  if (rows === 0) return 0;
  await clickhouse.command({
    query: `ALTER TABLE {table: Identifier} DELETE WHERE ${where}`,
    query_params,
    clickhouse_settings: { mutations_sync: "2" },
  });
  return rows;
}

/** Has the tables keep rows for so many days: that of the project which keeps longest. @returns tables that kept others */
export async function keepDays(clickhouse: ClickHouseClient, days: number): Promise<SessionTable[]> {
  const changed: SessionTable[] = [];
  for (const table of SESSION_TABLES) {
    if ((await daysKept(clickhouse, table)) === days) continue;
    await clickhouse.command({
      query: `ALTER TABLE {table: Identifier} MODIFY TTL received_on + INTERVAL ${Math.floor(days)} DAY`,
      query_params: { table },
    });
    changed.push(table);
  }
  return changed;
}

async function daysKept(clickhouse: ClickHouseClient, table: SessionTable): Promise<number | null> {
  const result = await clickhouse.query({
    query: `SELECT create_table_query AS ddl FROM system.tables
      WHERE database = currentDatabase() AND name = {table: String}`,
    query_params: { table },
    format: "JSONEachRow",
  });
  const [row] = z.array(z.object({ ddl: z.string() })).parse(await result.json());
  const days = /TTL received_on \+ (?:INTERVAL (\d+) DAY|toIntervalDay\((\d+)\))/.exec(row?.ddl ?? "");
  return days ? Number(days[1] ?? days[2]) : null;
}

/** Two arrays side by side, since a parameter holds no tuples of two types. */
const SESSIONS =
  "SELECT tupleElement(k, 1), tupleElement(k, 2) FROM (SELECT arrayJoin(arrayZip({projects: Array(UInt32)}, {sessions: Array(UUID)})) AS k)";

function parametersOf(sessions: readonly SessionKey[]) {
  return {
    projects: sessions.map(({ project_id }) => project_id),
    sessions: sessions.map(({ session_id }) => session_id),
  };
}
