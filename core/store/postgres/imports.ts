/** `imports`, `imported_batches`: written by the API, carried out by the worker. */
import type { Queryable } from "./client.ts";

/** What is taken at once, of bodies: one is taken whatever its size. */
const TAKEN_BYTES_MAX = 4 * 1024 * 1024;
const TAKEN_MAX = 64;

export interface ImportedBatch {
  id: string;
  envelope: string;
  body: Buffer;
}

/**
 * The next batches of one import, the oldest first, which are this worker's for ten minutes: should it die, they are
 * another's then. Empty where there is nothing to do.
 */
export async function takeImported(sql: Queryable): Promise<ImportedBatch[]> {
  const taken = await sql<ImportedBatch[]>`
    WITH free AS (
      SELECT id, import_id, length(body) AS bytes FROM imported_batches
      WHERE taken_until IS NULL OR taken_until < now()
      ORDER BY id LIMIT ${TAKEN_MAX} FOR UPDATE SKIP LOCKED),
    summed AS (
      SELECT id, import_id, bytes, sum(bytes) OVER (ORDER BY id) AS so_far, first_value(import_id) OVER (ORDER BY id) AS first
      FROM free)
    UPDATE imported_batches b SET taken_until = now() + interval '10 minutes'
    FROM summed s
    WHERE b.id = s.id AND s.import_id = s.first AND (s.so_far <= ${TAKEN_BYTES_MAX} OR s.so_far = s.bytes)
    RETURNING b.id::text AS id, b.envelope, b.body`;
  return taken.toSorted((a, b) => Number(a.id) - Number(b.id));
}

/** They are loaded, dead letters, or of a session that was deleted. */
export async function dropImported(sql: Queryable, batches: readonly ImportedBatch[]): Promise<void> {
  await sql`DELETE FROM imported_batches WHERE id = ANY (${batches.map(({ id }) => id)}::text[]::bigint[])`;
}
