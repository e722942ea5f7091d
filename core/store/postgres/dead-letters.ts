/** `dead_letters`: batches that got their 202 and can never be loaded, each with its reason. */
import type { SessionKey } from "../clickhouse/batches.ts";
import type { Queryable } from "./client.ts";
import { keysJson } from "./sessions-meta.ts";
import { postgresText } from "./text.ts";

export interface DeadLetter {
  /** 16 bytes; the same for the same letter at every delivery. */
  identity: Uint8Array;
  reason: string;
  /** As it stood on the stream; null where no envelope could be told from the rest. */
  envelope: string | null;
  /** As sent, or the whole message. */
  body: Uint8Array;
  stream_seq: number;
  /** What the envelope said, where it could be read. */
  batch:
    | (SessionKey & { window_id: string; seq: number; batch_id: string; received_at: number; format: string })
    | null;
}

/** Writes the letters, each once. One that is there is found to be dead again, for whichever reason now. */
export async function writeDeadLetters(sql: Queryable, letters: readonly DeadLetter[]): Promise<void> {
  // One statement a letter: bodies are large, letters are rare.
  for (const { identity, reason, envelope, body, stream_seq, batch } of letters) {
    await sql`
      INSERT INTO dead_letters (identity, reason, envelope, body, stream_seq,
        batch_id, project_id, session_id, window_id, seq, received_at, format)
      VALUES (${bytea(identity)}, ${postgresText(reason)}, ${envelope === null ? null : postgresText(envelope)},
        ${bytea(body)}, ${stream_seq}, ${batch?.batch_id ?? null}, ${batch?.project_id ?? null},
        ${batch?.session_id ?? null}, ${batch?.window_id ?? null}, ${batch?.seq ?? null},
        ${batch ? new Date(batch.received_at) : null}, ${batch?.format ?? null})
      ON CONFLICT (identity) DO UPDATE SET reason = EXCLUDED.reason, died_at = now()`;
  }
}

export type SessionDeadLetter = SessionKey & { window_id: string; seq: number; batch_id: string; reason: string };

/**
 * The letters of the sessions, by seq: what their ledgers show as rejected, unless the batch was loaded after all. Those
 * of custom events are not among them: their seq is no place in a window.
 */
export async function readDeadLetters(sql: Queryable, sessions: readonly SessionKey[]): Promise<SessionDeadLetter[]> {
  return sql<SessionDeadLetter[]>`
    SELECT DISTINCT ON (d.project_id, d.session_id, d.window_id, d.seq, d.batch_id)
      d.project_id, d.session_id, d.window_id, d.seq::float8 AS seq, d.batch_id, d.reason
    FROM dead_letters d
    JOIN (SELECT DISTINCT project_id, session_id FROM json_to_recordset(${keysJson(sessions)}::text::json)
      AS k (project_id integer, session_id uuid)) k USING (project_id, session_id)
    WHERE d.format IS DISTINCT FROM 'analytics'
    ORDER BY d.project_id, d.session_id, d.window_id, d.seq, d.batch_id, d.id`;
}

/** A letter that is to be driven through the stages again. */
export interface DrivenLetter {
  id: string;
  envelope: string | null;
  body: Buffer;
  stream_seq: number;
  /** When it was last found to be dead, in full: whether it is found so again must hang on no clock. */
  died_at: string;
}

/** The next letter that somebody wants driven again, locked for the transaction; null where there is none. */
export async function nextToDrive(transaction: Queryable): Promise<DrivenLetter | null> {
  const [letter] = await transaction<DrivenLetter[]>`
    SELECT id::text AS id, envelope, body, stream_seq::float8 AS stream_seq, died_at::text AS died_at
    FROM dead_letters WHERE redrive_at <= now() AND dropped_at IS NULL
    ORDER BY redrive_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;
  return letter ?? null;
}

/** After a drive: the letter goes, unless it was found to be dead again. @returns whether it went */
export async function settleDriven(sql: Queryable, { id, died_at }: DrivenLetter): Promise<boolean> {
  const gone = await sql`
    DELETE FROM dead_letters WHERE id = ${id} AND died_at = ${died_at}::text::timestamptz RETURNING id`;
  if (gone.length > 0) return true;
  await sql`UPDATE dead_letters SET redrive_at = NULL, redrives = redrives + 1 WHERE id = ${id}`;
  return false;
}

/** Throws away what dropped letters hold, of one that is being driven when that is over. @returns how many */
export async function emptyDropped(sql: Queryable): Promise<number> {
  const emptied = await sql`
    UPDATE dead_letters SET body = '', envelope = NULL, redrive_at = NULL
    WHERE dropped_at IS NOT NULL AND length(body) > 0 AND (redrive_at IS NULL OR redrive_at <= now()) RETURNING id`;
  return emptied.length;
}

function bytea(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
