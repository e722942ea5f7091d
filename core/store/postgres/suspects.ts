/** `suspects`: how often a message was tried alone, and a batch of one by itself. Written by the worker only. */
import type { Sql } from "./client.ts";

/** @returns which try this is, from 1 */
export async function noteTry(sql: Sql, message: Buffer): Promise<number> {
  const [row] = await sql<[{ tries: number }]>`
    INSERT INTO suspects (message, tries) VALUES (${message}, 1)
    ON CONFLICT (message) DO UPDATE SET tries = suspects.tries + 1, tried_at = now()
    RETURNING tries`;
  return row.tries;
}

/** The try said nothing of the message. */
export async function forgiveTry(sql: Sql, message: Buffer): Promise<void> {
  await sql`UPDATE suspects SET tries = tries - 1 WHERE message = ${message} AND tries > 0`;
}

/** They are settled; or nobody has tried them for so long that their stream is gone. */
export async function clearSuspects(sql: Sql, messages: readonly Buffer[]): Promise<void> {
  await sql`DELETE FROM suspects WHERE message IN ${sql(messages)} OR tried_at < now() - interval '30 days'`;
}
