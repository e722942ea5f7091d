/**
 * Inserts the rows of a lot. A batch's row in `batches` goes in last, so whatever that table lists can be read. A batch
 * of custom events has none: its rows in `events` are all there is of it.
 * Any part of it may run again, here or in another worker, after any failure: rows fold by their keys.
 */
import { batchLine } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { eventLine } from "#core/store/clickhouse/events.ts";
import { INSERT_RRWEB, rrwebRows } from "#core/store/clickhouse/events-rrweb.ts";
import { type InsertOutcome, insertBytes, insertRows } from "#core/store/clickhouse/insert.ts";
import type { Metrics } from "../metrics.ts";
import { type Dead, dead, type Held, held, LOADED, type Loaded } from "../verdict.ts";
import type { DerivedBatch } from "./derive.ts";

/** Why a batch is dead whose rows ClickHouse will not have. Some of them may be there. */
export const ROWS_REFUSED = "rows_refused";

export interface Loading {
  clickhouse: ClickHouseClient;
  metrics: Metrics;
}

/** @returns one verdict a batch, in their order */
export async function load(batches: readonly DerivedBatch[], loading: Loading): Promise<(Loaded | Dead)[] | Held> {
  const outcome = await insert(batches, loading);
  if (outcome.ok) return batches.map(() => LOADED);
  if (outcome.at === "engine")
    return { ...held("clickhouse", outcome.cause), why: outcome.message, table: outcome.table };
  if (batches.length === 1) return [dead(ROWS_REFUSED, outcome.message)];

  // A poison row must not take its neighbours with it: halve until it stands alone.
  const middle = batches.length >> 1;
  const left = await load(batches.slice(0, middle), loading);
  if (!Array.isArray(left)) return left;
  const right = await load(batches.slice(middle), loading);
  return Array.isArray(right) ? [...left, ...right] : right;
}

/** The tables that have rows of the batch once it is loaded. */
export function tablesOf({ rows }: DerivedBatch): string[] {
  return [
    ...(rows.recorded.events.length > 0 ? ["events_rrweb"] : []),
    ...(rows.facts.length > 0 ? ["events"] : []),
    ...(rows.batch ? ["batches"] : []),
  ];
}

type Inserted = { ok: true } | (Extract<InsertOutcome, { ok: false }> & { table: string });

async function insert(batches: readonly DerivedBatch[], { clickhouse, metrics }: Loading): Promise<Inserted> {
  const facts = batches.flatMap(({ rows }) => rows.facts);
  const listed = batches.flatMap(({ rows }) => rows.batch ?? []);
  const tables: [name: string, rows: number, insert: () => Promise<InsertOutcome>][] = [
    [
      "events_rrweb",
      batches.reduce((sum, { rows }) => sum + rows.recorded.events.length, 0),
      () => insertBytes(clickhouse, INSERT_RRWEB, rrwebRows(batches.map(({ rows }) => rows))),
    ],
    ["events", facts.length, () => insertRows(clickhouse, "events", facts, eventLine)],
    ["batches", listed.length, () => insertRows(clickhouse, "batches", listed, batchLine)],
  ];
  for (const [table, rows, insert] of tables) {
    if (rows === 0) continue;
    const stop = metrics.insertSeconds.startTimer({ table });
    const outcome = await insert();
    stop();
    if (!outcome.ok) return { ...outcome, table, message: `${table}: ${outcome.message}` };
    metrics.rows.inc({ table }, rows);
  }
  return { ok: true };
}
