/**
 * Takes from the stream what is loaded and old: nothing else makes room in it, and a full stream refuses. Only what lies
 * below the consumer's ack floor may go, which says what is loaded because nothing is acknowledged before. It is kept for
 * a day, so that it can be processed again (`npm run backfill`), or for as long as the stream is not half full.
 *
 * Any number of workers may trim: they ask the server each time, and it takes away what is below a sequence.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import type { Logger } from "pino";
import { CONSUMER, STREAM } from "#protocol/subject.ts";
import type { Metrics } from "./metrics.ts";

const EVERY_MS = 60_000;
/** JetStream's code for a sequence that the stream does not hold (server/errors.json, JSNoMessageFoundErr). */
const NO_MESSAGE = 10037;

export interface Trimming {
  manager: JetStreamManager;
  /** How long what is loaded stays, ms. */
  keptMs: number;
  metrics: Pick<Metrics, "trimmed">;
  log: Logger;
}

/** Trims until `signal`. */
export async function keepTrimmed(trimming: Trimming, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await trim(trimming).catch((error: unknown) => {
      trimming.log.warn({ error: error instanceof Error ? error.message : String(error) }, "not_trimmed");
    });
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** @returns how many messages went */
export async function trim({ manager, keptMs, metrics, log }: Trimming): Promise<number> {
  const [stream, consumer] = await Promise.all([
    manager.streams.info(STREAM),
    manager.consumers.info(STREAM, CONSUMER),
  ]);
  const { first_seq, last_seq, messages, bytes } = stream.state;
  // A floor above the stream's end is one of another making of the stream.
  const loadedBelow = consumer.ack_floor.stream_seq + 1;
  if (messages === 0 || loadedBelow <= first_seq || loadedBelow > last_seq + 1) return 0;

  const aged = await firstSince(manager, Date.now() - keptMs, first_seq, loadedBelow);
  const bytesMax = stream.config.max_bytes;
  // A stream of one's own may have no bound: then it is never half full.
  const over = bytesMax > 0 ? bytes - bytesMax / 2 : 0;
  // As if all were of one size: the next trim corrects what that gets wrong.
  const crowded = over > 0 ? first_seq + Math.ceil((over / bytes) * messages) : first_seq;
  const keepFrom = Math.min(loadedBelow, Math.max(aged, crowded));
  if (keepFrom <= first_seq) return 0;

  const before = await manager.streams.info(STREAM);
  if (before.created !== stream.created) return 0;
  const { purged } = await manager.streams.purge(STREAM, { seq: keepFrom });
  metrics.trimmed.inc(purged);
  log.info({ messages: purged, below: keepFrom, half_full: over > 0 }, "trimmed");
  return purged;
}

/** The first sequence of `from` to `end` that was stored at `ms` or later, else `end`. */
async function firstSince(manager: JetStreamManager, ms: number, from: number, end: number): Promise<number> {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const storedAt = await storedMs(manager, middle);
    if (storedAt === null || storedAt < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Null for what was deleted. */
async function storedMs(manager: JetStreamManager, seq: number): Promise<number | null> {
  try {
    return (await manager.streams.getMessage(STREAM, { seq }))?.time.getTime() ?? null;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === NO_MESSAGE) return null;
    throw error;
  }
}
