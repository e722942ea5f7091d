/**
 * The loop that tells span facts (core/facts/spans): elements for clicks that no recorder described, rage and dead
 * clicks, quick backs, unfinished forms, texts that appeared, what was to be read, active time.
 *
 * A session is due when what is loaded of it is not what they were made of, and no batch has come for ten seconds. It is
 * made anew as a whole, window by window in play order, read some MiB at a time: a late batch may change any of its spans,
 * and a session that goes on is made at its pauses only, the fewer the longer it is. Rows carry the making's generation in their version, so that
 * whatever the order in which workers write, the rows of the latest making are what is read.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { correctedMs, receivedOn } from "#core/facts/claim.ts";
import { type PlayWindow, playOrder } from "#core/facts/play-order.ts";
import { activeMs } from "#core/facts/spans/activity.ts";
import { SPAN_RULES, type WindowFacts, WindowReader } from "#core/facts/spans/window-facts.ts";
import { readAttempts } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { eventVersion } from "#core/store/clickhouse/event-version.ts";
import { type EventRow, eventLine } from "#core/store/clickhouse/events.ts";
import { insertRows } from "#core/store/clickhouse/insert.ts";
import { readRecorded } from "#core/store/clickhouse/recorded-events.ts";
import { type SeenTextRow, seenTextLine } from "#core/store/clickhouse/seen-text.ts";
import { removeStale } from "#core/store/clickhouse/stale-rows.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import {
  type DueSession,
  giveBack,
  type SpanCounts,
  takeDueSession,
  writeMaking,
} from "#core/store/postgres/span-facts.ts";
import { hashParts } from "#protocol/batch-id.ts";
import type { Metrics } from "./metrics.ts";
import { PacedWork, WorkTooLong } from "./paced-work.ts";

const QUIET_MS = 10_000;
/** Between looks for what is due, while nothing is. */
const IDLE_MS = 2_000;
/** After a failure, before another session is tried; and before that one is. */
const RETRY_MS = 5_000;
const FAILED_MS = 60_000;
const FAILED_MS_MAX = 24 * 3_600_000;
/** Of a session, of computing: a whole hour takes about a second, and no recording may keep a worker from the others. */
const WORK_MS = 30_000;
/** Of all windows of a session. */
const TEXTS_MAX = 10_000;
const EVENTS_MAX = 50_000;

export interface SpanFacts {
  sql: Sql;
  clickhouse: ClickHouseClient;
  metrics: Pick<Metrics, "spanSessions">;
  log: Logger;
  /** How long no batch must have come, ms. */
  quietMs?: number;
  /** How much computing a session may cost, ms. */
  workMs?: number;
}

/** Tells span facts until `signal`. While an engine is away it only asks again now and then. */
export async function keepSpanFacts(spans: SpanFacts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let pause = IDLE_MS;
    try {
      if (await tellNext(spans)) pause = 0;
    } catch (error) {
      pause = RETRY_MS;
      spans.log.warn({ error: error instanceof Error ? error.message : String(error) }, "span_facts_wait");
    }
    await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Makes the facts of one session that is due. @returns whether there was one. @throws where an engine fails; it is tried again later */
export async function tellNext(spans: SpanFacts): Promise<boolean> {
  const { sql, metrics, quietMs = QUIET_MS } = spans;
  const due = await takeDueSession(sql, SPAN_RULES, quietMs);
  if (!due) return false;
  try {
    const made = await tell(due, spans);
    metrics.spanSessions.inc({ verdict: made ? "made" : "overtaken" });
  } catch (error) {
    // Out of the way of the others, the longer the more often it was tried: a session that cannot be made comes again.
    await giveBack(sql, due, Math.min(FAILED_MS * due.generation ** 2, FAILED_MS_MAX)).catch(() => undefined);
    metrics.spanSessions.inc({ verdict: "failed" });
    if (!isOfContent(error)) throw error;
    spans.log.warn({ error: String(error), session_id: due.session_id }, "span_facts_not_told");
  }
  return true;
}

/** What a recording's content made our own code throw, or cost: no engine is away, and the next session may be well. */
function isOfContent(error: unknown): boolean {
  return [RangeError, TypeError, SyntaxError, WorkTooLong].some((kind) => error instanceof kind);
}

async function tell(due: DueSession, { sql, clickhouse, workMs = WORK_MS }: SpanFacts): Promise<boolean> {
  const attempts = await readAttempts(clickhouse, [due]);
  const { windows } = playOrder(attempts);
  // By the oldest rules that any of it was redacted by: what later ones took may still be in it.
  const rulesVersion = attempts.reduce((oldest, { version }) => Math.min(oldest, version), Number.POSITIVE_INFINITY);
  const version = eventVersion(Number.isFinite(rulesVersion) ? rulesVersion : 0, due.generation);
  const work = new PacedWork(workMs);
  const events: EventRow[] = [];
  const texts: SeenTextRow[] = [];
  const active: WindowFacts["active"][] = [];
  for (const window of windows) {
    const facts = await readWindow(clickhouse, due, window, work);
    events.push(...eventRows(due, window, facts, version).slice(0, EVENTS_MAX - events.length));
    texts.push(...textRows(due, window, facts, version).slice(0, TEXTS_MAX - texts.length));
    active.push(facts.active);
  }
  const count = (name: string) => events.filter(({ event_name }) => event_name === name).length;
  return writeMaking(sql, due, SPAN_RULES, async (): Promise<SpanCounts> => {
    await insert(clickhouse, "events", events, eventLine);
    await insert(clickhouse, "seen_text", texts, seenTextLine);
    await removeStale(clickhouse, "events", due, new Set(events.map(({ event_id }) => event_id)), version);
    const kept = new Set(texts.map(({ window_id, text_id }) => `${window_id} ${text_id}`));
    await removeStale(clickhouse, "seen_text", due, kept, version);
    return {
      active_ms: activeMs(active),
      rage_click_count: count("$rage_click"),
      dead_click_count: count("$dead_click"),
    };
  });
}

/** @throws WorkTooLong */
async function readWindow(
  clickhouse: ClickHouseClient,
  due: DueSession,
  window: PlayWindow,
  work: PacedWork,
): Promise<WindowFacts> {
  const reader = new WindowReader(window.window_id);
  for await (const { batch, idx, payload } of readRecorded(clickhouse, due, window.window_id, window.batches)) {
    work.do(() => reader.take(batch, idx, JSON.parse(payload) as { type: number; timestamp: number; data?: unknown }));
    if (work.isTurn) await work.turn();
  }
  return reader.end();
}

function eventRows(due: DueSession, { window_id }: PlayWindow, { facts }: WindowFacts, version: number): EventRow[] {
  const { project_id, session_id } = due;
  const received_on = receivedOn(due);
  return facts.map((fact) => ({
    ...fact,
    project_id,
    session_id,
    window_id,
    ts: correctedMs(fact.ts, due),
    received_on,
    version,
  }));
}

function textRows(due: DueSession, { window_id }: PlayWindow, { texts }: WindowFacts, version: number): SeenTextRow[] {
  const { project_id, session_id } = due;
  const received_on = receivedOn(due);
  return texts.map(({ moment, text }) => ({
    project_id,
    session_id,
    window_id,
    text_id: hashParts(text),
    ts: correctedMs(moment.ts, due),
    text,
    received_on,
    version,
  }));
}

/** @throws where the rows are not on disk */
async function insert<R>(
  clickhouse: ClickHouseClient,
  table: string,
  rows: R[],
  lineOf: (row: R) => string,
): Promise<void> {
  const outcome = await insertRows(clickhouse, table, rows, lineOf);
  if (!outcome.ok) throw new Error(`${table}: ${outcome.message}`, { cause: outcome.cause });
}
