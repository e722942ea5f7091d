/** Dead letters of a project: what got its 202 and can never be loaded as things stand. */
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { JSON_INFLATED_BYTES_MAX } from "#protocol/limits.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";

export const DeadLetter = z
  .object({
    id: z.string(),
    reason: z.string().openapi({ description: "a word, and after a colon what of it" }),
    session_id: z.string().nullable(),
    window_id: z.string().nullable(),
    seq: z.int().nullable(),
    batch_id: z.string().nullable(),
    format: z.string().nullable(),
    bytes: z.int().openapi({ description: "of the body as it was sent; 0 where it was dropped" }),
    received_at: z.iso.datetime().nullable(),
    died_at: z.iso.datetime().openapi({ description: "when it was last found to be dead" }),
    redrives: z.int(),
    state: z
      .enum(["kept", "driving"])
      .openapi({ description: "driving: the worker takes it through the stages again" }),
  })
  .openapi("DeadLetter");
export type DeadLetter = z.infer<typeof DeadLetter>;

export const DeadLetterDetail = DeadLetter.extend({
  envelope: z.string().nullable().openapi({ description: "the batch's facts as they stood on the stream" }),
  text: z.string().nullable().openapi({ description: "the body's beginning, inflated where that is possible" }),
  body_base64: z.string().openapi({ description: "the body as sent, up to 64 KiB of it" }),
}).openapi("DeadLetterDetail");
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>;

const TEXT_MAX = 8 * 1024;
const BODY_MAX = 64 * 1024;

const Row = DeadLetter.extend({ received_at: isoDate.nullable(), died_at: isoDate });
const DetailRow = Row.extend({ envelope: z.string().nullable(), body: z.instanceof(Uint8Array) });

/** Where a page of the list ended. */
export const LetterCursor = z.tuple([z.string().regex(/^\d{1,18}$/)]);
export type LetterCursor = z.infer<typeof LetterCursor>;

/** Newest first. @param reason the word before the colon */
export async function listDeadLetters(
  sql: Sql,
  projectId: number,
  { limit, cursor, reason }: { limit: number; cursor?: LetterCursor | undefined; reason?: string | undefined },
): Promise<{ letters: DeadLetter[]; last: LetterCursor | null }> {
  const rows = await askPostgres(
    sql`
      SELECT ${columns(sql)} FROM dead_letters
      WHERE project_id = ${projectId} AND dropped_at IS NULL AND ${notDeleted(sql)}
        ${cursor ? sql`AND id < ${cursor[0]}` : sql``}
        ${reason === undefined ? sql`` : sql`AND split_part(reason, ':', 1) = ${reason}`}
      ORDER BY id DESC LIMIT ${limit + 1}`,
    QUERY_MS,
  );
  const letters = z.array(Row).parse(rows.slice(0, limit));
  const last = rows.length > limit ? letters.at(-1) : undefined;
  return { letters, last: last ? [last.id] : null };
}

export async function findDeadLetter(sql: Sql, projectId: number, id: string): Promise<DeadLetterDetail | null> {
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)}, envelope, body FROM dead_letters
    WHERE project_id = ${projectId} AND id = ${id} AND dropped_at IS NULL AND ${notDeleted(sql)}`);
  if (!rows[0]) return null;
  const { body, ...letter } = DetailRow.parse(rows[0]);
  return {
    ...letter,
    text: textOf(body),
    body_base64: Buffer.from(body.subarray(0, BODY_MAX)).toString("base64"),
  };
}

/**
 * Has the worker drive letters again: one, or all that died of a reason, or all. What a worker is driving is left to it.
 * @returns how many
 */
export async function redriveLetters(
  sql: Sql,
  projectId: number,
  which: { id?: string | undefined; reason?: string | undefined },
): Promise<number> {
  const rows = await askPostgres(
    sql`
      UPDATE dead_letters SET redrive_at = now()
      WHERE project_id = ${projectId} AND dropped_at IS NULL AND (redrive_at IS NULL OR redrive_at <= now())
        AND ${notDeleted(sql)} AND ${those(sql, which)}
      RETURNING id`,
    QUERY_MS,
  );
  return rows.length;
}

/** @returns how many; their content is thrown away, and their sessions' ledgers go on saying that they were rejected */
export async function dropLetters(
  sql: Sql,
  projectId: number,
  which: { id?: string | undefined; reason?: string | undefined },
): Promise<number> {
  const rows = await askPostgres(
    sql`
      UPDATE dead_letters SET dropped_at = now()
      WHERE project_id = ${projectId} AND dropped_at IS NULL AND ${those(sql, which)} RETURNING id`,
    QUERY_MS,
  );
  return rows.length;
}

function those(sql: Sql, { id, reason }: { id?: string | undefined; reason?: string | undefined }) {
  if (id !== undefined) return sql`id = ${id}`;
  return reason === undefined ? sql`true` : sql`split_part(reason, ':', 1) = ${reason}`;
}

function columns(sql: Sql) {
  return sql`
    id::text AS id, reason, session_id, window_id, seq::float8 AS seq, batch_id, format, length(body) AS bytes,
    received_at, died_at, redrives, CASE WHEN redrive_at IS NULL THEN 'kept' ELSE 'driving' END AS state`;
}

function notDeleted(sql: Sql) {
  return sql`NOT EXISTS (
    SELECT FROM tombstones t WHERE t.project_id = dead_letters.project_id AND t.session_id = dead_letters.session_id)`;
}

function textOf(body: Uint8Array): string | null {
  const inflated = inflate(body) ?? body;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(inflated.subarray(0, TEXT_MAX), { stream: true });
  } catch {
    return null;
  }
}

function inflate(body: Uint8Array): Uint8Array | null {
  for (const inflateAs of [gunzipSync, brotliDecompressSync, inflateSync]) {
    try {
      return inflateAs(body, { maxOutputLength: JSON_INFLATED_BYTES_MAX });
    } catch {
      // Not in this encoding, or not whole.
    }
  }
  return null;
}
