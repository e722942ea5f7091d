/**
 * Makes the tables agree with what Postgres says is to be gone: tombstones, retentions that are shorter than the tables',
 * and what later redaction rules hide (redact-stored.ts). Once a minute, by one worker at a time. All of it may be broken off at any point, and done again.
 *
 * A deletion has two passes. The first takes away what is there. A batch that was claimed before the tombstone was
 * written may still be inserted after that pass; so it is done only when a pass finds nothing that began after everything
 * which the stream held at the time was settled. What comes later than that is refused (stages/heed.ts). Of a person the
 * sessions are looked for anew in each pass until then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import {
  keepDays,
  removeBefore,
  removeSessions,
  rowsOfSessions,
  SESSION_TABLES,
  sessionsOfUser,
} from "#core/store/clickhouse/removal.ts";
import { removeUnusedAssets } from "#core/store/postgres/assets.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { giveLeaseBack, takeLease } from "#core/store/postgres/lease.ts";
import { expireRows, projectsToSweep, retentionLongest, retentionSwept } from "#core/store/postgres/retention.ts";
import { spanWritersDone } from "#core/store/postgres/span-facts.ts";
import {
  buryLate,
  isPending,
  notePersons,
  noteRemovals,
  type PendingTombstone,
  pendingPersons,
  pendingSessions,
  placeTombstones,
  removeFromPostgres,
  type StreamPlace,
} from "#core/store/postgres/tombstones.ts";
import { sessionOf } from "./ledgers.ts";
import type { Metrics } from "./metrics.ts";
import { redactStored } from "./redact-stored.ts";

const EVERY_MS = 60_000;
/** While something is to be deleted or redacted. */
const EVERY_MS_PENDING = 5_000;
/** Sessions in one mutation. */
const SESSIONS_MAX = 500;
/** Looked for in one sweep. */
const PERSONS_MAX = 100;
/** For one worker at a time. Two at once, after a sweep that took longer, would only do the same work. */
const LEASE = "sweep";
const LEASE_S = 120;

export interface Sweeping {
  sql: Sql;
  clickhouse: ClickHouseClient;
  streamPlace(): Promise<StreamPlace>;
  metrics: Metrics;
  log: Logger;
}

/** Sweeps until `signal`. */
export async function keepSwept(sweeping: Sweeping, signal: AbortSignal): Promise<void> {
  let sweptAt = 0;
  while (!signal.aborted) {
    try {
      if (Date.now() - sweptAt >= EVERY_MS || (await isPending(sweeping.sql))) {
        sweptAt = Date.now();
        await sweep(sweeping);
      }
    } catch (error) {
      sweeping.log.warn({ error: error instanceof Error ? error.message : String(error) }, "not_swept");
    }
    await sleep(EVERY_MS_PENDING, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** One sweep, unless another worker is at it. */
export async function sweep(sweeping: Sweeping): Promise<void> {
  if (!(await takeLease(sweeping.sql, LEASE, LEASE_S))) return;
  try {
    await deleteSessions(sweeping);
    await carryOutRetention(sweeping);
    await redactStored(sweeping);
  } finally {
    await giveLeaseBack(sweeping.sql, LEASE);
  }
}

async function deleteSessions({ sql, clickhouse, streamPlace, metrics, log }: Sweeping): Promise<void> {
  // Before anything is looked for: what is settled by now is in the tables by now.
  const place = await streamPlace();
  const persons = await pendingPersons(sql, PERSONS_MAX);
  for (const person of persons) await buryLate(sql, person, await sessionsOfUser(clickhouse, person));
  const pending = await pendingSessions(sql, SESSIONS_MAX);
  metrics.pendingDeletions.set(pending.length);
  if (pending.length > 0) await removePending(pending, place, { sql, clickhouse, metrics });
  if (persons.length + pending.length === 0) return;
  await notePersons(sql, place);
  // For the next pass: what is published from here on meets the tombstone.
  await placeTombstones(sql, [...pending, ...persons], await streamPlace());
  metrics.pendingDeletions.set((await pendingSessions(sql, SESSIONS_MAX)).length);
  log.info({ sessions: pending.length, persons: persons.length }, "deletions_carried_out");
}

async function removePending(
  pending: readonly PendingTombstone[],
  place: StreamPlace,
  { sql, clickhouse, metrics }: Pick<Sweeping, "sql" | "clickhouse" | "metrics">,
): Promise<void> {
  const removed = new Map<string, Record<string, number>>(pending.map((session) => [sessionOf(session), {}]));
  const note = (session: SessionKey, table: string, rows: number) => {
    const counts = removed.get(sessionOf(session));
    if (counts) counts[table] = (counts[table] ?? 0) + rows;
    metrics.removedRows.inc({ table, why: "deleted" }, rows);
  };
  await spanWritersDone(sql, pending);
  for (const table of SESSION_TABLES) {
    const found = await rowsOfSessions(clickhouse, table, pending);
    if (found.length === 0) continue;
    await removeSessions(clickhouse, table, found);
    for (const { rows, ...session } of found) note(session, table, rows);
  }
  for (const session of await removeFromPostgres(sql, pending)) note(session, "dead_letters", 1);

  const removals = pending.map((session) => ({
    id: session.id,
    removed: removed.get(sessionOf(session)) ?? {},
    isArriving: session.is_arriving,
  }));
  await noteRemovals(sql, removals, place);
}

async function carryOutRetention({ sql, clickhouse, metrics, log }: Sweeping): Promise<void> {
  const longest = await retentionLongest(sql);
  if (longest === null) return;
  const changed = await keepDays(clickhouse, longest);
  if (changed.length > 0) log.info({ days: longest, tables: changed }, "longest_retention_changed");
  for (const { id, retention_days, kept_from } of await projectsToSweep(sql)) {
    for (const table of SESSION_TABLES) {
      // The day before is over everywhere: reads have let its sessions go already.
      const rows = await removeBefore(clickhouse, table, id, kept_from);
      metrics.removedRows.inc({ table, why: "expired" }, rows);
    }
    await expireRows(sql, id, retention_days);
    metrics.assets.inc({ outcome: "removed" }, await removeUnusedAssets(sql, id, retention_days));
    await retentionSwept(sql, id);
  }
}
