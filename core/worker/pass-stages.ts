/**
 * The stages that a lot goes through once it is decoded, in their order, and the waiting for engines: a stage that one keeps
 * waiting is tried again until it answers.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import type { Envelope } from "#protocol/envelope.ts";
import type { Arrival } from "./arrivals.ts";
import type { AssetWatch } from "./assets/watch.ts";
import type { Delivery } from "./consume.ts";
import type { GapWatch } from "./gap-watch.ts";
import type { Metrics } from "./metrics.ts";
import { claim } from "./stages/claim.ts";
import { type DeadBatch, writeLetters } from "./stages/dead-letters.ts";
import type { DecodedBatch } from "./stages/decode.ts";
import { derive } from "./stages/derive.ts";
import { heed, heedInserted } from "./stages/heed.ts";
import { load, tablesOf } from "./stages/load.ts";
import { redact, rulesOf } from "./stages/redact.ts";
import { refreshSessions } from "./stages/session-facts.ts";
import { TRIES_REASON } from "./suspects.ts";
import { type Dead, type Engine, type Held, isDead, isHeld } from "./verdict.ts";

/** Between two tries of a stage whose engine is away. */
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;
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

/** An engine answers, and will not do this. */
export class Refused extends Error {
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

/** Before what was refused is tried again. */
export async function pause({ retryMostMs = RETRY_MOST_MS, giveUp }: Pipeline): Promise<void> {
  await sleep(retryMostMs, undefined, { signal: giveUp });
}

/**
 * Takes a lot through the stages after decoding. Each may run again after any failure, here or in another worker.
 * @returns the tables that have rows of it now; none where some of it was refused
 * @throws Refused when a stage has used up its tries
 */
export async function passStages(
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
export async function untilAnswered<T extends object>(
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
