import { type LoadedAttempt, type RejectedBatch, sessionLedger, type WindowLedger } from "#core/facts/ledger.ts";
import { readAttempts, type SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { readDeadLetters } from "#core/store/postgres/dead-letters.ts";

/** A session's windows, as all workers together have loaded them. */
export interface SessionWindows extends SessionKey {
  windows: WindowLedger[];
}

export async function readWindows(
  sessions: readonly SessionKey[],
  { sql, clickhouse }: { sql: Sql; clickhouse: ClickHouseClient },
): Promise<SessionWindows[]> {
  const attempts = Map.groupBy(await readAttempts(clickhouse, sessions), sessionOf);
  const letters = Map.groupBy(await readDeadLetters(sql, sessions), sessionOf);
  return sessions.map((session) =>
    windowsOf(session, attempts.get(sessionOf(session)), letters.get(sessionOf(session))),
  );
}

export function windowsOf(
  { project_id, session_id }: SessionKey,
  attempts: readonly LoadedAttempt[] = [],
  rejected: readonly RejectedBatch[] = [],
): SessionWindows {
  return { project_id, session_id, windows: sessionLedger(attempts, rejected, Date.now()).windows };
}

export function sessionOf({ project_id, session_id }: SessionKey): string {
  return `${project_id}:${session_id}`;
}
