/**
 * The pipeline, from messages on the stream to rows that can be read:
 *
 *     decode → heed → claim → redact → derive → load → dead letters → heed again → session facts → acknowledge
 *
 * Messages are decoded beside the insert of the lot before, and a full lot goes through the stages beside the one before
 * it, as it would in a second worker. A stage that an engine keeps waiting is tried again, the whole lot staying in
 * progress on the stream, until the engine is back: an outage costs no batch anything (pass-stages.ts). A lot that an
 * engine will not take though it answers is taken apart (settle.ts). A message is acknowledged when, and only when, each of
 * its batches is loaded, a dead letter, or of a session that was deleted: never before the lots before its last one are
 * settled.
 */
import { arrivalsOf, isLast, isUnopened, weightOf } from "./arrivals.ts";
import { type Delivery, isSuspect } from "./consume.ts";
import { lotsOf } from "./lots.ts";
import type { Pipeline } from "./pass-stages.ts";
import { beginTry, settle } from "./settle.ts";
import { Suspects } from "./suspects.ts";

/** An insert of about this much, or this many rows, is worth its cost; more would only be memory. */
export const LOT_BYTES_MAX = 16 * 1024 * 1024;
const LOT_ROWS_MAX = 100_000;

/** A batch waits this long for others before it is inserted; where none is on the stream, no longer than the second. */
const LINGER_MS = 400;
const QUIET_MS = 50;

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
