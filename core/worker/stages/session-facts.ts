/** Recomputes the facts of the sessions that a lot touched, from what is loaded of them: nothing is ever added up. */
import { correctedMs } from "#core/facts/claim.ts";
import { sessionFacts } from "#core/facts/session-facts.ts";
import { type Attempt, readAttempts, type SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { type PageViewRow, readPageViews } from "#core/store/clickhouse/events.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { readDeadLetters } from "#core/store/postgres/dead-letters.ts";
import { writeSessionPeople } from "#core/store/postgres/session-people.ts";
import { type LockedSession, lockSessions, writeSessionFacts } from "#core/store/postgres/sessions-meta.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { type SessionWindows, sessionOf, windowsOf } from "../ledgers.ts";
import { type Held, held, isHeld } from "../verdict.ts";

/** Sessions in one transaction: rows are locked while ClickHouse is read. */
const SESSIONS_MAX = 150;

/** @returns the windows of those sessions that miss something */
export async function refreshSessions(
  sessions: readonly SessionKey[],
  engines: { sql: Sql; clickhouse: ClickHouseClient },
): Promise<SessionWindows[] | Held> {
  const distinct = [...new Map(sessions.map((key) => [sessionOf(key), key])).values()];
  const gapped: SessionWindows[] = [];
  for (let at = 0; at < distinct.length; at += SESSIONS_MAX) {
    const refreshed = await refresh(distinct.slice(at, at + SESSIONS_MAX), engines);
    if (isHeld(refreshed)) return refreshed;
    gapped.push(...refreshed);
  }
  return gapped;
}

async function refresh(
  keys: readonly SessionKey[],
  { sql, clickhouse }: { sql: Sql; clickhouse: ClickHouseClient },
): Promise<SessionWindows[] | Held> {
  let asking: Held["engine"] = "postgres";
  try {
    return await inTransaction(sql, async (transaction) => {
      const sessions = await lockSessions(transaction, keys);
      asking = "clickhouse";
      const attempts = Map.groupBy(await readAttempts(clickhouse, sessions), sessionOf);
      const views = Map.groupBy(await readViews(clickhouse, sessions, attempts), sessionOf);
      asking = "postgres";
      const letters = Map.groupBy(await readDeadLetters(transaction, sessions), sessionOf);
      const now = Date.now();
      const facts = sessions.flatMap((session) => {
        const found = sessionFacts(
          {
            claim: session,
            attempts: attempts.get(sessionOf(session)) ?? [],
            pageViews: (views.get(sessionOf(session)) ?? []).map(({ kind, ...view }) => ({ ...view, props: { kind } })),
            rejected: letters.get(sessionOf(session)) ?? [],
            internalHosts: session.internal_hosts,
          },
          now,
        );
        const { project_id, session_id, epoch } = session;
        return found ? [{ project_id, session_id, epoch, ...found }] : [];
      });
      await writeSessionFacts(transaction, facts);
      await writeSessionPeople(transaction, facts);
      return facts
        .filter(({ incomplete_why }) => incomplete_why === "missing")
        .map((session) => windowsOf(session, attempts.get(sessionOf(session)), letters.get(sessionOf(session))));
    });
  } catch (error) {
    return held(asking, error);
  }
}

/** The page views lie between the first and the last event of any of the sessions, by their claims. */
async function readViews(
  clickhouse: ClickHouseClient,
  sessions: readonly LockedSession[],
  attempts: ReadonlyMap<string, readonly Attempt[]>,
): Promise<PageViewRow[]> {
  const span = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const session of sessions) {
    for (const { first_ts, last_ts } of attempts.get(sessionOf(session)) ?? []) {
      span.from = Math.min(span.from, correctedMs(first_ts, session));
      span.to = Math.max(span.to, correctedMs(last_ts, session));
    }
  }
  return span.from > span.to ? [] : readPageViews(clickhouse, sessions, span);
}
