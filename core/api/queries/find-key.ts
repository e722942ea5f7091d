import { z } from "zod";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";
import { secretHash } from "../secret-hash.ts";

const KeyRow = z.object({ id: z.uuid(), project_id: z.int(), kind: z.enum(["read", "write"]), prefix: z.string() });
export type KeyRow = z.infer<typeof KeyRow>;

/** Keys are found by their hash: what is compared tells nothing about how much of a guess was right. */
export async function findKey(sql: Sql, key: string): Promise<KeyRow | null> {
  const rows = await askPostgres(sql`
    WITH used AS (
      UPDATE project_keys SET last_used_at = now()
      WHERE key_hash = ${secretHash(key)} AND (last_used_at IS NULL OR last_used_at < now() - interval '5 minutes'))
    SELECT id, project_id, kind, prefix FROM project_keys
    WHERE key_hash = ${secretHash(key)} AND (revoked_at IS NULL OR revoked_at > now())`);
  return rows[0] ? KeyRow.parse(rows[0]) : null;
}
