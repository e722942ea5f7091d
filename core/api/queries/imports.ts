/** Imports: batches are written here as an intent; the worker loads them (core/worker/imports.ts). */
import { z } from "@hono/zod-openapi";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { postgresText } from "#core/store/postgres/text.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { askPostgres } from "../engines/answer.ts";
import type { SealedImport } from "../import/seal.ts";
import { isoDate } from "../parameters.ts";

export const Import = z
  .object({
    import_id: z.string(),
    session_id: z.string().openapi({ description: "derived from the content: the same file is the same session" }),
    events: z.int(),
    batches: z.int(),
    batches_left: z.int().openapi({ description: "that are not loaded yet" }),
    requested_at: z.iso.datetime(),
  })
  .openapi("Import");
export type Import = z.infer<typeof Import>;

const ImportRow = Import.extend({ requested_at: isoDate });

/** All batches of a large file have to be compressed and written within it. */
const WRITE_MS = 10 * 60_000;

export async function findImport(sql: Sql, projectId: number, importId: string): Promise<Import | null> {
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)} FROM imports i WHERE i.project_id = ${projectId} AND i.id = ${importId}`);
  return rows[0] ? ImportRow.parse(rows[0]) : null;
}

export type Written = { kind: "new" | "known"; of: Import } | { kind: "deleted"; detail: string };

/**
 * Writes an import with all of its batches, or none. One whose session is there, or on its way, is known. One whose
 * session was deleted, or shows a person who was deleted after it was recorded, is not written.
 */
export async function writeImport(
  sql: Sql,
  projectId: number,
  { sessionId, batches, events, userIds, recordedAt }: SealedImport,
  personId: string,
): Promise<Written> {
  // Nobody waits any more after that time: the transaction must not hold its connection beyond it.
  const deadline = AbortSignal.timeout(WRITE_MS);
  return askPostgres(
    inTransaction(sql, async (transaction): Promise<Written> => {
      const key = `${projectId}:${sessionId}`;
      await transaction`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
      const [deleted] = await transaction`
        SELECT FROM tombstones WHERE project_id = ${projectId} AND session_id = ${sessionId}`;
      if (deleted) return { kind: "deleted", detail: "this session was deleted here" };
      const [person] = await transaction`
        SELECT FROM tombstones WHERE project_id = ${projectId} AND user_id = ANY (${userIds.map(postgresText)}::text[])
          AND before > ${new Date(recordedAt)}`;
      if (person) return { kind: "deleted", detail: "it shows a person whose data were deleted here later" };
      const known = await knownImport(transaction, projectId, sessionId);
      if (known) return { kind: "known", of: known };
      const [row] = await transaction<{ id: string }[]>`
        INSERT INTO imports (project_id, session_id, events, batches, requested_by)
        VALUES (${projectId}, ${sessionId}, ${events}, 0, ${personId})
        ON CONFLICT (project_id, session_id) DO UPDATE SET requested_at = now(), requested_by = ${personId}
        RETURNING id`;
      const id = row?.id ?? "";
      let count = 0;
      for await (const { envelope, body } of batches) {
        deadline.throwIfAborted();
        await transaction`
          INSERT INTO imported_batches (import_id, envelope, body)
          VALUES (${id}, ${JSON.stringify(envelope)}, ${Buffer.from(body.buffer, body.byteOffset, body.byteLength)})`;
        count++;
      }
      await transaction`UPDATE imports SET batches = ${count} WHERE id = ${id}`;
      const rows = await transaction`SELECT ${columns(transaction)} FROM imports i WHERE i.id = ${id}`;
      return { kind: "new", of: ImportRow.parse(rows[0]) };
    }),
    WRITE_MS,
  );
}

async function knownImport(sql: Queryable, projectId: number, sessionId: string): Promise<Import | null> {
  const rows = await sql`
    SELECT ${columns(sql)} FROM imports i
    WHERE i.project_id = ${projectId} AND i.session_id = ${sessionId}
      AND (EXISTS (SELECT FROM imported_batches WHERE import_id = i.id)
        OR EXISTS (SELECT FROM sessions_meta s WHERE s.project_id = i.project_id AND s.session_id = i.session_id))`;
  return rows[0] ? ImportRow.parse(rows[0]) : null;
}

function columns(sql: Queryable) {
  return sql`
    i.id AS import_id, i.session_id, i.events::float8 AS events, i.batches, i.requested_at,
    (SELECT count(*)::int FROM imported_batches b WHERE b.import_id = i.id) AS batches_left`;
}
