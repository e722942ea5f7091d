/**
 * What is deleted stays deleted: a batch of a session that has a tombstone goes no further, and neither does one that
 * shows a person who has. Asked of Postgres for each lot, never remembered: a tombstone counts from the moment it is there.
 */
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { type Bearer, deletedSessions, reopenTombstones } from "#core/store/postgres/tombstones.ts";
import type { Envelope } from "#protocol/envelope.ts";
import { sessionOf } from "../ledgers.ts";
import { DONE, type Done, type Held, held } from "../verdict.ts";

/** @returns tells of each envelope whether its session is deleted */
export async function heed(
  envelopes: readonly Envelope[],
  sql: Sql,
): Promise<{ isDeleted(session: SessionKey): boolean } | Held> {
  try {
    const deleted = new Set((await deletedSessions(sql, bearersOf(envelopes))).map(sessionOf));
    return { isDeleted: (session) => deleted.has(sessionOf(session)) };
  } catch (error) {
    return held("postgres", error);
  }
}

/**
 * Once more when all is inserted. A worker that was stopped for longer than a deletion takes inserts what nobody looks for
 * any more: another had settled its messages. So the deletion is carried out again.
 */
export async function heedInserted(envelopes: readonly Envelope[], sql: Sql): Promise<Done | Held> {
  try {
    const deleted = await deletedSessions(sql, bearersOf(envelopes));
    if (deleted.length > 0) await reopenTombstones(sql, deleted);
    return DONE;
  } catch (error) {
    return held("postgres", error);
  }
}

function bearersOf(envelopes: readonly Envelope[]): Bearer[] {
  return envelopes.map(({ project_id, session_id, user, received_at }) => ({
    project_id,
    session_id,
    user_id: user?.id ?? null,
    received_at,
  }));
}
