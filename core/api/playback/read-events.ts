import type { IndexedBatch } from "#core/facts/play-order.ts";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { batchEvents } from "../queries/batch-events.ts";
import type { Part } from "./stretch.ts";

export interface PlayedEvent {
  batch: IndexedBatch;
  idx: number;
  /** The event's JSON as it was sent. */
  payload: Buffer;
}

/** What is read at once, and so held in memory: events of some MiB, or one batch that is larger. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** Their ids travel in the URL, whose length servers bound. */
const GROUP_BATCHES = 150;

export interface EventSource {
  clickhouse: ClickHouseClient;
  session: SessionKey;
  /** Events after it are left out: client's clock, ms. */
  toTs: number;
  /** Aborted when nobody waits for the rest. */
  caller: AbortSignal;
}

/**
 * The events of the parts, in their order, some MiB at a time. Each time a query that ends by itself: a caller who reads
 * slowly keeps nothing open in the engine.
 *
 * @param limit of events; without one the next MiB are asked for while the caller takes the last
 */
export async function* readEvents(
  source: EventSource,
  parts: readonly Part[],
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<PlayedEvent[], void> {
  let at = 0;
  const ask = (wanted: number): Promise<PlayedEvent[]> | null => {
    const group = groupFrom(parts, at, wanted);
    at += group.length;
    return group.length > 0 && wanted > 0 ? batchEvents(source, group, wanted) : null;
  };
  let left = limit;
  let answer = ask(left);
  while (answer) {
    const events = await answer;
    left -= events.length;
    const ahead = limit === Number.POSITIVE_INFINITY ? ask(left) : null;
    ahead?.catch(() => {}); // it is awaited, and so reported, when its turn comes
    if (events.length > 0) yield events;
    answer = ahead ?? ask(left);
  }
}

/** Parts of one window that are worth one query; none at the end only. */
function groupFrom(parts: readonly Part[], start: number, eventsWanted: number): Part[] {
  let bytes = 0;
  let events = 0;
  let end = start;
  for (; end < parts.length && end - start < GROUP_BATCHES; end++) {
    const { batch, fromIdx } = parts[end] as Part;
    if (batch.window_id !== parts[start]?.batch.window_id) break;
    bytes += batch.events_bytes;
    if (end > start && (bytes > GROUP_BYTES || events >= eventsWanted)) break;
    events += batch.event_count - fromIdx;
  }
  return parts.slice(start, end);
}
