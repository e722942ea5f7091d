/**
 * The pipeline, from messages on the stream to rows that can be read:
 *
 *     decode → heed → claim → redact → derive → load → dead letters → heed again → session facts → acknowledge
 *
 * Messages are decoded beside the insert of the lot before, and a full lot goes through the stages beside the one before
 * it, as it would in a second worker. A stage that an engine keeps waiting is tried again, the whole lot staying in
 * progress on the stream, until the engine is back: an outage costs no batch anything. A lot that an engine will not take
 * though it answers is taken apart, and each message tried alone, in the end each batch (suspects.ts). A message is acknowledged when, and only
 * when, each of its batches is loaded, a dead letter, or of a session that was deleted: never before the lots before its
 * last one are settled.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import type { Envelope } from "#protocol/envelope.ts";
import { decodeMessage } from "#protocol/message.ts";
import { type Arrival, arrivalsOf, condemn, decode, type Unopened } from "./arrivals.ts";
import type { AssetWatch } from "./assets/watch.ts";
import { type Delivery, isSuspect } from "./consume.ts";
import type { GapWatch } from "./gap-watch.ts";
import { lotsOf } from "./lots.ts";
import type { Metrics } from "./metrics.ts";
import { claim } from "./stages/claim.ts";
import { type DeadBatch, writeLetters } from "./stages/dead-letters.ts";
import type { DecodedBatch } from "./stages/decode.ts";
import { derive } from "./stages/derive.ts";
import { heed, heedInserted } from "./stages/heed.ts";
import { load, tablesOf } from "./stages/load.ts";
import { redact, rulesOf } from "./stages/redact.ts";
import { refreshSessions } from "./stages/session-facts.ts";
import { Suspects, TRIES_IN_COMPANY, TRIES_REASON } from "./suspects.ts";
import { type Dead, type Engine, type Held, isDead, isHeld } from "./verdict.ts";

/** An insert of about this much, or this many rows, is worth its cost; more would only be memory. */
export const LOT_BYTES_MAX = 16 * 1024 * 1024;
const LOT_ROWS_MAX = 100_000;

/** A batch waits this long for others before it is inserted; where none is on the stream, no longer than the second. */
const LINGER_MS = 400;
const QUIET_MS = 50;

/** Between two tries of a stage whose engine is away. */
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;
/** A batch is late by itself where a neighbour of its weight takes so many times less. */
const LATE_TIMES = 10;
/** An engine that does not answer a plain question within this is away. */
const ANSWER_MS = 2_000;

export interface Pipeline {
  sql: Sql;
  clickhouse: ClickHouseClient;
  metrics: Metrics;
  /** Called once everything in the messages is loaded or a dead letter. */
  acknowledge(deliveries: readonly Delivery[]): Promise<void>;
  /** Told of what was settled, after the acknowledgement. */
  gaps: Pick<GapWatch, "seen">;
  /** Likewise, of what was stored of recordings. */
  assets?: Pick<AssetWatch, "seen">;
  /** Told of batches that were not loaded since their session is deleted. */
  refused?(batches: readonly Envelope[]): void;
  /** A stage waits for an engine, and why; null when it goes on. */
  waiting(stage: string, held: Held | null): void;
  /** The longest pause between two tries, ms. */
  retryMostMs?: number;
  /** Ends the waiting for engines: what is not loaded by then stays unacknowledged. */
  giveUp: AbortSignal;
}

/**
 * Runs until `deliveries` end and the last of them is settled. Rejects when `giveUp` ended a wait, and when a stage throws:
 * at once, for a message that is tried alone holds back those that would come after it.
 */
export async function runPipeline(deliveries: AsyncIterable<Delivery>, pipeline: Pipeline): Promise<void> {
  const suspects = new Suspects(pipeline.sql);
  /** A suspect's try begins before it is even decoded. */
  const isApart = async (delivery: Delivery) => isSuspect(delivery) && beginTry(delivery, suspects, pipeline);
  /** The last lot, and all before it; the lot before it, and all before that. */
  let settling: Promise<void> = Promise.resolve();
  let settlingBefore: Promise<void> = settling;
  const lots = lotsOf(arrivalsOf(deliveries, pipeline.metrics, isApart), {
    weigh: (arrival) => ({
      bytes: isUnopened(arrival) ? 0 : weightOf(arrival),
      rows: isUnopened(arrival) || "dead" in arrival.found ? 0 : arrival.found.events.length,
    }),
    bytesMax: LOT_BYTES_MAX,
    rowsMax: LOT_ROWS_MAX,
    closes: (arrival) => isLast(arrival) && isSuspect(arrival.delivery),
    lingerMs: LINGER_MS,
    quietMs: QUIET_MS,
    goesOn: (arrival) => !isLast(arrival) || arrival.delivery.hasMore === true,
    wanted: () => settling.catch(() => undefined),
  });
  for (;;) {
    const next = lots.next();
    const lot = await Promise.race([next, settling.then(() => next)]);
    if (lot.done) break;
    const { trigger, members } = lot.value;
    pipeline.metrics.flushes.inc({ trigger });
    await settlingBefore;
    settlingBefore = settling;
    settling = settle(members, suspects, pipeline, settlingBefore);
    settling.catch(() => undefined); // thrown where it is awaited
  }
  await settling;
}

function isUnopened(arrival: Arrival | Unopened): arrival is Unopened {
  return "batches" in arrival;
}

/** Bytes of its events. */
function weightOf({ found }: Arrival): number {
  return "dead" in found ? 0 : found.envelope.events_length;
}

function isLast(arrival: Arrival | Unopened): boolean {
  return isUnopened(arrival) || arrival.last;
}

/**
 * In company first. What fails there without an outage is found by trying each message alone.
 * @param before settled when all lots before are: a message may have begun in one of them
 */
async function settle(
  lot: readonly (Arrival | Unopened)[],
  suspects: Suspects,
  pipeline: Pipeline,
  before: Promise<void>,
): Promise<void> {
  const arrivals = lot.filter((arrival): arrival is Arrival => !isUnopened(arrival));
  const [first] = arrivals;
  if (first && isSuspect(first.delivery)) {
    await before;
    await settleAlone(arrivals, first.delivery, suspects, pipeline);
  } else if (first) await settleInCompany(arrivals, suspects, pipeline, before);
  await before;
  for (const { delivery, batches } of lot.filter(isUnopened)) {
    await settleApart(delivery, [...batches.keys()], suspects, pipeline);
  }
}

async function settleInCompany(
  lot: readonly Arrival[],
  suspects: Suspects,
  pipeline: Pipeline,
  before: Promise<void>,
): Promise<void> {
  try {
    await passStages(lot, pipeline, { tries: TRIES_IN_COMPANY }, before);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await before;
    for (const [delivery, arrivals] of Map.groupBy(lot, ({ delivery }) => delivery)) {
      if (await beginTry(delivery, suspects, pipeline))
        await settleApart(delivery, placesOf(arrivals), suspects, pipeline);
      else await settleAlone(arrivals, delivery, suspects, pipeline);
    }
  }
}

/** A message, or a part of a large one, whose try has begun. */
async function settleAlone(
  arrivals: readonly Arrival[],
  delivery: Delivery,
  suspects: Suspects,
  pipeline: Pipeline,
): Promise<void> {
  do {
    try {
      await passStages(arrivals, pipeline, { tries: 1, away: () => suspects.forgive(delivery) });
      if (arrivals.at(-1)?.last) await suspects.settled(delivery);
      return;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await pause(pipeline);
    }
  } while (!(await beginTry(delivery, suspects, pipeline)));
  await settleApart(delivery, placesOf(arrivals), suspects, pipeline);
}

/**
 * Batches of a message by themselves, in rounds: what is found dead is dead alone. None is looked into before its try is
 * written down, and the one before is through: a worker that dies has died of this one.
 */
async function settleApart(
  delivery: Delivery,
  places: readonly number[],
  suspects: Suspects,
  pipeline: Pipeline,
): Promise<void> {
  const message = decodeMessage(delivery.data);
  const batches = message.ok ? message.batches : [];
  const whys = new Map<number, string>();
  const through: Arrival[] = [];
  for (let left = places; left.length > 0; ) {
    const refused: number[] = [];
    for (const place of left) {
      const batch = batches[place];
      if (!batch) continue;
      const sentence = await beginBatch(delivery, place, suspects, pipeline);
      const found = sentence ? condemn(batch, delivery, withWhy(sentence, whys.get(place))) : decode(batch, delivery);
      const arrival = { delivery, place, last: false, found };
      const began = performance.now();
      try {
        await passStages([arrival], pipeline, { tries: 1, away: () => suspects.forgive(delivery, place) });
        if (sentence) continue;
        await suspects.loaded(delivery, place);
        through.push(arrival);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        whys.set(place, error.held.why);
        refused.push(place);
        const late = { arrival, tookMs: performance.now() - began, table: error.held.table };
        if (!error.held.isLate || (await isLateAlone(late, through, pipeline))) continue;
        await suspects.forgive(delivery, place);
        pipeline.waiting(error.stage, error.held);
      }
    }
    left = refused;
    if (left.length > 0) await pause(pipeline);
  }
  if (places.at(-1) !== batches.length - 1) return; // the rest of the message is in later lots
  await pipeline.acknowledge([delivery]);
  await suspects.settled(delivery);
}

/**
 * Whether a batch that was not done in time has itself to blame. A slow engine answers plain questions and takes small
 * inserts, so only a like insert right after tells: the heaviest neighbour is loaded again, which folds. It is one of the
 * same message, since that is not acknowledged yet: no deletion has looked for its rows for the last time.
 *
 * @param through batches of its message that passed
 */
async function isLateAlone(
  { arrival, tookMs, table }: { arrival: Arrival; tookMs: number; table: string | undefined },
  through: readonly Arrival[],
  pipeline: Pipeline,
): Promise<boolean> {
  const [heaviest] = through.toSorted((a, b) => weightOf(b) - weightOf(a));
  if (!heaviest) return false;
  const began = performance.now();
  try {
    const tables = await passStages([heaviest], pipeline, { tries: 1 });
    // What is deleted or dead by now went nowhere, and what has no rows of that kind says nothing of the table.
    if (tables.length === 0 || (table !== undefined && !tables.includes(table))) return false;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
  const times = LATE_TIMES * Math.max(1, weightOf(arrival) / weightOf(heaviest));
  return (performance.now() - began) * times <= tookMs;
}

function placesOf(arrivals: readonly Arrival[]): number[] {
  return arrivals.map(({ place }) => place);
}

async function pause({ retryMostMs = RETRY_MOST_MS, giveUp }: Pipeline): Promise<void> {
  await sleep(retryMostMs, undefined, { signal: giveUp });
}

/** @returns whether its batches are to be tried one by one */
async function beginTry(delivery: Delivery, suspects: Suspects, pipeline: Pipeline): Promise<boolean> {
  const patience = { tries: Number.POSITIVE_INFINITY };
  return (await untilAnswered("try", pipeline, patience, () => suspects.beginTry(delivery))).apart;
}

async function beginBatch(
  delivery: Delivery,
  place: number,
  suspects: Suspects,
  pipeline: Pipeline,
): Promise<Dead | null> {
  const patience = { tries: Number.POSITIVE_INFINITY };
  return (await untilAnswered("try", pipeline, patience, () => suspects.beginBatch(delivery, place))).sentence;
}

function withWhy(sentence: Dead, why = ""): Dead {
  return why === "" ? sentence : { ...sentence, detail: `${sentence.detail}, the last: ${why}` };
}

/** An engine answers, and will not do this. */
class Refused extends Error {
  readonly stage: string;
  readonly held: Held;
  constructor(stage: string, held: Held) {
    super(held.why);
    this.stage = stage;
    this.held = held;
  }
}

interface Patience {
  /** How often a stage may fail that is not hindered by an outage. */
  tries: number;
  /** Told once that an engine is away, and the wait for it no try. */
  away?(): Promise<void>;
}

/**
 * Takes a lot through the stages after decoding. Each may run again after any failure, here or in another worker.
 * @returns the tables that have rows of it now; none where some of it was refused
 * @throws Refused when a stage has used up its tries
 */
async function passStages(
  lot: readonly Arrival[],
  pipeline: Pipeline,
  patience: Patience,
  before?: Promise<void>,
): Promise<string[]> {
  const { sql, clickhouse, metrics } = pipeline;
  const stage = <T extends object>(name: string, run: () => Promise<T | Held>) =>
    untilAnswered(name, pipeline, patience, run);

  const told = lot.flatMap(({ found: { envelope } }) => (typeof envelope === "object" && envelope ? [envelope] : []));
  const { isDeleted } = await stage("heed", () => heed(told, sql));
  const letters: DeadBatch[] = [];
  const decoded: DecodedBatch[] = [];
  const deleted: Envelope[] = [];
  for (const { found } of lot) {
    if (typeof found.envelope === "object" && found.envelope && isDeleted(found.envelope)) deleted.push(found.envelope);
    else if ("dead" in found) letters.push(found);
    else decoded.push(found);
  }
  /** What passed a stage; the others are on their way to the dead letters. */
  const passed = <T extends object>(batches: readonly DecodedBatch[], verdicts: readonly (T | Dead)[]): T[] =>
    verdicts.flatMap((verdict, i) => {
      if (!isDead(verdict)) return [verdict];
      const { stream_seq, envelope, body } = batches[i] as DecodedBatch;
      letters.push({ dead: verdict, stream_seq, envelope, body });
      return [];
    });
  const claimed = passed(decoded, await stage("claim", () => claim(decoded, sql)));
  const projects = claimed.map(({ envelope }) => envelope.project_id);
  const rules = await stage("redact", () => rulesOf(projects, sql));
  const redacted = passed(
    claimed,
    claimed.map((batch) => redact(batch, rules)),
  );
  const derived = passed(redacted, redacted.map(derive));
  const loaded = passed(derived, await stage("load", () => load(derived, { clickhouse, metrics })));
  await stage("dead letters", () => writeLetters(letters, { sql, clickhouse }));
  const inserted = told.filter((envelope) => !isDeleted(envelope));
  await stage("heed", () => heedInserted(inserted, sql));
  // Of what has used up its tries nothing more is tried, its session's facts included: they may be what failed.
  const spared = letters.filter(({ dead }) => dead.reason !== TRIES_REASON);
  const touched = [...derived, ...spared].flatMap(({ envelope }) =>
    typeof envelope === "object" && envelope && envelope.format !== "analytics" ? [envelope] : [],
  );
  const gapped = await stage("session facts", () => refreshSessions(touched, { sql, clickhouse }));

  await before;
  await pipeline.acknowledge(lot.flatMap(({ delivery, last }) => (last ? [delivery] : [])));
  pipeline.gaps.seen(touched, gapped);
  pipeline.assets?.seen(
    derived.map(({ envelope, rows }) => ({ ...rows.key, url: envelope.url ?? "", ...rows.recorded })),
  );
  pipeline.refused?.(deleted);
  metrics.batches.inc({ verdict: "deleted" }, deleted.length);
  count(decoded, loaded.length, letters, metrics);
  for (const { redactions } of redacted) {
    for (const [rule, found] of Object.entries(redactions)) metrics.redactions.inc({ rule }, found);
  }
  return loaded.length < derived.length ? [] : [...new Set(derived.flatMap(tablesOf))];
}

/**
 * Runs a stage until both engines have answered it.
 * @throws Refused
 */
async function untilAnswered<T extends object>(
  stage: string,
  pipeline: Pipeline,
  patience: Patience,
  run: () => Promise<T | Held>,
): Promise<Exclude<T, Held>> {
  const { metrics, waiting, giveUp, retryMostMs = RETRY_MOST_MS } = pipeline;
  const stop = metrics.stageSeconds.startTimer({ stage });
  let tries = 0;
  let isAway = false;
  for (let wait = Math.min(RETRY_FIRST_MS, retryMostMs); ; wait = Math.min(2 * wait, retryMostMs)) {
    const result = await run();
    if (!isHeld(result)) {
      waiting(stage, null);
      stop();
      return result as Exclude<T, Held>;
    }
    waiting(stage, result);
    if (result.mayBeOwn && (await answers(result.engine, pipeline))) {
      if (++tries >= patience.tries) {
        waiting(stage, null);
        stop();
        throw new Refused(stage, result);
      }
    } else if (!isAway) {
      isAway = true;
      await patience.away?.();
    }
    await sleep(wait, undefined, { signal: giveUp });
  }
}

/** Whether an engine answers to a plain question. */
async function answers(engine: Engine, { sql, clickhouse }: Pipeline): Promise<boolean> {
  const asked = engine === "postgres" ? sql`SELECT 1` : clickhouse.command({ query: "SELECT 1" });
  const late = sleep(ANSWER_MS, false);
  return Promise.race([asked.then(() => true).catch(() => false), late]);
}

function count(
  decoded: readonly DecodedBatch[],
  loaded: number,
  letters: readonly DeadBatch[],
  metrics: Metrics,
): void {
  const bytes = decoded.reduce((sum, { envelope }) => sum + envelope.events_length, 0);
  metrics.lotBatches.observe(decoded.length);
  metrics.lotBytes.observe(bytes);
  metrics.bytes.inc(bytes);
  metrics.batches.inc({ verdict: "loaded" }, loaded);
  metrics.batches.inc({ verdict: "dead" }, letters.length);
  for (const { dead } of letters) metrics.deadLetters.inc({ reason: dead.reason });
  const now = Date.now();
  for (const { envelope } of decoded) metrics.ageSeconds.observe(Math.max(0, now - envelope.received_at) / 1_000);
}
