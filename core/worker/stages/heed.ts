/**
 * What is deleted stays deleted: a batch of a session that has a tombstone goes no further, and neither does one that
 * shows a person who has. Asked of Postgres for each lot, never remembered: a tombstone counts from the moment it is there.
 */
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { deletedSessions } from "#core/store/postgres/tombstones.ts";
import type { Envelope } from "#protocol/envelope.ts";
import { sessionOf } from "../ledgers.ts";
import { type Held, held } from "../verdict.ts";

/** @returns tells of each envelope whether its session is deleted */
export async function heed(
  envelopes: readonly Envelope[],
  sql: Sql,
): Promise<{ isDeleted(session: SessionKey): boolean } | Held> {
  const bearers = envelopes.map(({ project_id, session_id, user, received_at }) => ({
    project_id,
    session_id,
    user_id: user?.id ?? null,
    received_at,
  }));
  try {
    const deleted = new Set((await deletedSessions(sql, bearers)).map(sessionOf));
    return { isDeleted: (session) => deleted.has(sessionOf(session)) };
  } catch (error) {
    return held("postgres", error);
  }
}
