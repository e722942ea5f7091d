import type { IndexedBatch } from "#core/facts/play-order.ts";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { batchEvents, batchLines } from "../queries/batch-events.ts";
import type { Part } from "./stretch.ts";

export interface PlayedEvent {
  batch: IndexedBatch;
  idx: number;
  /** The event's JSON as it was sent. */
  payload: Buffer;
}

/** What is read at once, and so held in memory: events of some MiB, or one batch that is larger. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** Of lines more fits: they stay bytes. The first bytes should not wait for many. */
const LINES_BYTES = { first: 1024 * 1024, most: 8 * 1024 * 1024 };

/** Their ids travel in the URL, whose length servers bound: ClickHouse at 1 MiB. */
const GROUP_BATCHES = 500;

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
  if (limit === Number.POSITIVE_INFINITY) {
    const groups = ahead(groupsOf(parts, GROUP_BYTES), (group) => batchEvents(source, group, limit));
    for await (const events of groups) if (events.length > 0) yield events;
    return;
  }
  let left = limit;
  for (let at = 0; at < parts.length && left > 0; ) {
    const group = groupFrom(parts, at, GROUP_BYTES, left);
    at += group.length;
    const events = await batchEvents(source, group, left);
    left -= events.length;
    if (events.length > 0) yield events;
  }
}

/** All events of the parts, one a line, as bytes cut anywhere. */
export async function* readLines(source: EventSource, parts: readonly Part[]): AsyncGenerator<Uint8Array, void> {
  const groups = groupsOf(parts, LINES_BYTES.first, LINES_BYTES.most);
  for await (const chunks of ahead(groups, (group) => batchLines(source, group))) yield* chunks;
}

/** Reads the next group while the caller takes the last: two are held at most. */
async function* ahead<T>(groups: Iterable<Part[]>, read: (group: Part[]) => Promise<T>): AsyncGenerator<T, void> {
  let answer: Promise<T> | null = null;
  for (const group of groups) {
    const next = read(group);
    next.catch(() => {}); // it is awaited, and so reported, when its turn comes
    if (answer) yield await answer;
    answer = next;
  }
  if (answer) yield await answer;
}

/** @param most each group holds twice as much as the one before, up to this */
function* groupsOf(parts: readonly Part[], bytes: number, most = bytes): Generator<Part[]> {
  let size = bytes;
  for (let at = 0; at < parts.length; size = Math.min(most, 2 * size)) {
    const group = groupFrom(parts, at, size);
    at += group.length;
    yield group;
  }
}

/** Parts of one window that are worth one query. */
function groupFrom(
  parts: readonly Part[],
  start: number,
  bytesMax: number,
  eventsWanted = Number.POSITIVE_INFINITY,
): Part[] {
  let bytes = 0;
  let events = 0;
  let end = start;
  for (; end < parts.length && end - start < GROUP_BATCHES; end++) {
    const { batch, fromIdx } = parts[end] as Part;
    if (batch.window_id !== parts[start]?.batch.window_id) break;
    bytes += batch.events_bytes;
    if (end > start && (bytes > bytesMax || events >= eventsWanted)) break;
    events += batch.event_count - fromIdx;
  }
  return parts.slice(start, end);
}
