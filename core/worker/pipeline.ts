/**
 * The pipeline, from messages on the stream to rows that can be read:
 *
 *     decode → claim → derive → load → dead letters → session facts → acknowledge
 *
 * Messages are decoded beside the insert of the lot before. A stage that an engine keeps waiting is tried again, the
 * whole lot staying in progress on the stream, until the engine is back: an outage costs no batch anything. A message is
 * acknowledged when, and only when, each of its batches is loaded or a dead letter.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { type Arrival, arrivalsOf } from "./arrivals.ts";
import type { Delivery } from "./consume.ts";
import type { GapWatch } from "./gap-watch.ts";
import { lotsOf } from "./lots.ts";
import type { Metrics } from "./metrics.ts";
import { claim } from "./stages/claim.ts";
import { type DeadBatch, writeLetters } from "./stages/dead-letters.ts";
import type { DecodedBatch } from "./stages/decode.ts";
import { derive } from "./stages/derive.ts";
import { load } from "./stages/load.ts";
import { refreshSessions } from "./stages/session-facts.ts";
import { type Dead, type Held, isDead, isHeld } from "./verdict.ts";

/** An insert of about this much, or this many rows, is worth its cost; more would only be memory. */
const LOT_BYTES_MAX = 8 * 1024 * 1024;
const LOT_ROWS_MAX = 100_000;

/** A lone batch waits this long for others before it is inserted. */
const LINGER_MS = 400;

/** Between two tries of a stage whose engine is away. */
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;

export interface Pipeline {
  sql: Sql;
  clickhouse: ClickHouseClient;
  metrics: Metrics;
  /** Called once everything in the messages is loaded or a dead letter. */
  acknowledge(deliveries: readonly Delivery[]): Promise<void>;
  /** Told of what was settled, after the acknowledgement. */
  gaps: Pick<GapWatch, "seen">;
  /** A stage waits for an engine, and why; null when it goes on. */
  waiting(stage: string, held: Held | null): void;
  /** Ends the waiting for engines: what is not loaded by then stays unacknowledged. */
  giveUp: AbortSignal;
}

/** Runs until `deliveries` end and the last of them is settled. Rejects when `giveUp` ended a wait. */
export async function runPipeline(deliveries: AsyncIterable<Delivery>, pipeline: Pipeline): Promise<void> {
  let settling: Promise<void> = Promise.resolve();
  const lots = lotsOf(arrivalsOf(deliveries, pipeline.metrics), {
    weigh: ({ found }) =>
      "dead" in found ? { bytes: 0, rows: 0 } : { bytes: found.envelope.events_length, rows: found.events.length },
    bytesMax: LOT_BYTES_MAX,
    rowsMax: LOT_ROWS_MAX,
    lingerMs: LINGER_MS,
    wanted: () => settling.catch(() => undefined),
  });
  for await (const { trigger, members } of lots) {
    pipeline.metrics.flushes.inc({ trigger });
    await settling;
    settling = settle(members, pipeline);
    settling.catch(() => undefined); // thrown where it is awaited
  }
  await settling;
}

/** Takes a lot through the stages after decoding. Each may run again after any failure, here or in another worker. */
async function settle(lot: readonly Arrival[], pipeline: Pipeline): Promise<void> {
  const { sql, clickhouse, metrics } = pipeline;
  const letters: DeadBatch[] = [];
  const decoded: DecodedBatch[] = [];
  for (const { found } of lot) {
    if ("dead" in found) letters.push(found);
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

  const claimed = passed(decoded, await untilAnswered("claim", pipeline, () => claim(decoded, sql)));
  const derived = passed(claimed, claimed.map(derive));
  const loaded = passed(derived, await untilAnswered("load", pipeline, () => load(derived, { clickhouse, metrics })));
  await untilAnswered("dead letters", pipeline, () => writeLetters(letters, { sql, clickhouse }));
  const touched = [...derived, ...letters].flatMap(({ envelope }) =>
    typeof envelope === "object" && envelope && envelope.format !== "analytics" ? [envelope] : [],
  );
  const gapped = await untilAnswered("session facts", pipeline, () => refreshSessions(touched, { sql, clickhouse }));

  await pipeline.acknowledge(lot.flatMap(({ delivery, last }) => (last ? [delivery] : [])));
  pipeline.gaps.seen(touched, gapped);
  count(decoded, loaded.length, letters, metrics);
}

/** Runs a stage until both engines have answered it. */
async function untilAnswered<T extends object>(
  stage: string,
  { metrics, waiting, giveUp }: Pipeline,
  run: () => Promise<T | Held>,
): Promise<Exclude<T, Held>> {
  const stop = metrics.stageSeconds.startTimer({ stage });
  for (let wait = RETRY_FIRST_MS; ; wait = Math.min(2 * wait, RETRY_MOST_MS)) {
    const result = await run();
    if (!isHeld(result)) {
      waiting(stage, null);
      stop();
      return result as Exclude<T, Held>;
    }
    waiting(stage, result);
    await sleep(wait, undefined, { signal: giveUp });
  }
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
