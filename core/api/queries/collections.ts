/** Collections: sessions that people put together under a name. Those that cannot be read count for nothing. */
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { Colleague } from "../auth/person.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";
import type { ReadProject } from "./projects.ts";
import { momentOf, type NewestCursor } from "./session-order.ts";
import { readable } from "./sessions.ts";

export const Collection = z
  .object({
    collection_id: z.string(),
    name: z.string(),
    description: z.string(),
    session_count: z.int(),
    created_by: Colleague.nullable(),
    created_at: z.iso.datetime(),
  })
  .openapi("Collection");
export type Collection = z.infer<typeof Collection>;

const CollectionRow = Collection.extend({
  created_at: isoDate,
  place: z.string(),
});

/** Newest first. */
export async function listCollections(
  sql: Sql,
  project: ReadProject,
  { limit, cursor }: { limit: number; cursor?: NewestCursor | undefined },
): Promise<{ collections: Collection[]; last: NewestCursor | null }> {
  const rows = await askPostgres(
    sql`
      SELECT ${columns(sql, project)} FROM collections c LEFT JOIN users u ON u.id = c.created_by
      WHERE c.project_id = ${project.id}
        ${cursor ? sql`AND (c.created_at, c.id) < (${momentOf(sql, cursor[0])}, ${cursor[1]}::uuid)` : sql``}
      ORDER BY c.created_at DESC, c.id DESC LIMIT ${limit + 1}`,
    QUERY_MS,
  );
  const collections = z.array(CollectionRow).parse(rows.slice(0, limit));
  const last = rows.length > limit ? collections.at(-1) : undefined;
  return { collections: collections.map(shown), last: last ? [last.place, last.collection_id] : null };
}

export async function findCollection(sql: Sql, project: ReadProject, id: string): Promise<Collection | null> {
  const rows = await askPostgres(
    sql`
      SELECT ${columns(sql, project)} FROM collections c LEFT JOIN users u ON u.id = c.created_by
      WHERE c.project_id = ${project.id} AND c.id = ${id}`,
    QUERY_MS,
  );
  return rows[0] ? shown(CollectionRow.parse(rows[0])) : null;
}

export async function createCollection(
  sql: Sql,
  projectId: number,
  { name, description }: { name: string; description: string },
  personId: string,
): Promise<string> {
  const [row] = await askPostgres(sql<[{ id: string }]>`
    INSERT INTO collections (project_id, name, description, created_by)
    VALUES (${projectId}, ${name}, ${description}, ${personId}) RETURNING id`);
  return row.id;
}

export async function changeCollection(
  sql: Sql,
  projectId: number,
  id: string,
  { name, description }: { name?: string | undefined; description?: string | undefined },
): Promise<void> {
  await askPostgres(sql`
    UPDATE collections SET name = coalesce(${name ?? null}, name), description = coalesce(${description ?? null}, description)
    WHERE project_id = ${projectId} AND id = ${id}`);
}

/** The sessions in it stay. @returns whether there was one */
export async function deleteCollection(sql: Sql, projectId: number, id: string): Promise<boolean> {
  const { count } = await askPostgres(sql`DELETE FROM collections WHERE project_id = ${projectId} AND id = ${id}`);
  return count > 0;
}

/** Puts those of the sessions into it that can be read. @returns those that cannot */
export async function addToCollection(
  sql: Sql,
  project: ReadProject,
  id: string,
  sessionIds: readonly string[],
): Promise<string[]> {
  const known = await askPostgres(
    sql<{ session_id: string }[]>`
      WITH known AS (
        SELECT session_id FROM sessions_meta
        WHERE ${readable(sql, project)} AND session_id = ANY (${[...sessionIds]}::uuid[])
      ), added AS (
        INSERT INTO collection_sessions (collection_id, project_id, session_id)
        SELECT c.id, c.project_id, known.session_id FROM known JOIN collections c
          ON c.project_id = ${project.id} AND c.id = ${id}
        ON CONFLICT DO NOTHING
      )
      SELECT session_id FROM known`,
    QUERY_MS,
  );
  const there = new Set(known.map(({ session_id }) => session_id));
  return sessionIds.filter((session) => !there.has(session));
}

export async function removeFromCollection(
  sql: Sql,
  projectId: number,
  id: string,
  sessionIds: readonly string[],
): Promise<void> {
  await askPostgres(
    sql`
      DELETE FROM collection_sessions
      WHERE project_id = ${projectId} AND collection_id = ${id} AND session_id = ANY (${[...sessionIds]}::uuid[])`,
    QUERY_MS,
  );
}

function columns(sql: Sql, project: ReadProject) {
  return sql`
    c.id AS collection_id, c.name, c.description, c.created_at,
    (SELECT count(*)::int FROM collection_sessions cs JOIN sessions_meta USING (project_id, session_id)
      WHERE cs.collection_id = c.id AND ${readable(sql, project)}) AS session_count,
    CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS created_by,
    to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place`;
}

function shown({ place: _, ...collection }: z.infer<typeof CollectionRow>): Collection {
  return collection;
}
