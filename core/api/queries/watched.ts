/** Which sessions somebody of the project has watched, and how far. */
import { z } from "@hono/zod-openapi";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { Colleague } from "../auth/person.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";

export const Watched = z
  .object({
    person: Colleague,
    first_at: z.iso.datetime(),
    last_at: z.iso.datetime(),
    furthest_ms: z.int().openapi({ description: "session time up to which they have watched" }),
  })
  .openapi("Watched");
export type Watched = z.infer<typeof Watched>;

const WatchedRow = Watched.extend({ first_at: isoDate, last_at: isoDate });

/** People of one project, so they are few; the answer is bounded all the same. */
const WATCHERS_MAX = 500;

/** By whom a session was watched, the latest first. */
export async function watchersOf(sql: Sql, { project_id, session_id }: SessionKey): Promise<Watched[]> {
  const rows = await askPostgres(sql`
    SELECT json_build_object('id', u.id, 'name', u.name) AS person, w.first_at, w.last_at,
      w.furthest_ms::float8 AS furthest_ms
    FROM watched w JOIN users u ON u.id = w.user_id
    WHERE w.project_id = ${project_id} AND w.session_id = ${session_id}
    ORDER BY w.last_at DESC, u.id LIMIT ${WATCHERS_MAX}`);
  return z.array(WatchedRow).parse(rows);
}

/** Marks it as watched by the person up to `atMs`, or further where they have been further. */
export async function markWatched(
  sql: Sql,
  { project_id, session_id }: SessionKey,
  personId: string,
  atMs: number,
): Promise<void> {
  await askPostgres(sql`
    INSERT INTO watched (project_id, session_id, user_id, furthest_ms)
    SELECT project_id, session_id, ${personId}, ${atMs} FROM sessions_meta
    WHERE project_id = ${project_id} AND session_id = ${session_id}
    ON CONFLICT (project_id, session_id, user_id) DO UPDATE
      SET last_at = now(), furthest_ms = greatest(watched.furthest_ms, excluded.furthest_ms)`);
}

export async function unmarkWatched(sql: Sql, { project_id, session_id }: SessionKey, personId: string): Promise<void> {
  await askPostgres(sql`
    DELETE FROM watched WHERE project_id = ${project_id} AND session_id = ${session_id} AND user_id = ${personId}`);
}

/** Those of the sessions that the person has watched. */
export async function watchedAmong(
  sql: Sql,
  projectId: number,
  personId: string,
  sessionIds: readonly string[],
): Promise<Set<string>> {
  const rows = await askPostgres(sql<{ session_id: string }[]>`
    SELECT session_id FROM watched
    WHERE project_id = ${projectId} AND user_id = ${personId} AND session_id = ANY (${[...sessionIds]}::uuid[])`);
  return new Set(rows.map(({ session_id }) => session_id));
}
