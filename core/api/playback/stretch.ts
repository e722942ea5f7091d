/** Which batches, and from which event on, an answer holds: the index narrowed to a window, a time and a cursor. */

import { comparePlaces, type IndexedBatch, type PlayOrder, type PlayWindow } from "#core/facts/play-order.ts";
import type { PlayCursor } from "./cursor.ts";

/** A batch to read, from the event at `fromIdx` on. */
export interface Part {
  batch: IndexedBatch;
  fromIdx: number;
  /** The event at `fromIdx` is left out unless it is a Meta. */
  ifMeta?: boolean;
}

interface SnapshotStart {
  /** From the event before the snapshot on. */
  part: Part;
  /** Of the snapshot, client's clock, ms. */
  snapshotTs: number;
}

/**
 * Where a window begins for `from`: at the last full snapshot at or before it, or null for its first event.
 *
 * rrweb puts a Meta event, which has the viewport's size, directly before each full snapshot; a player needs both. The
 * two may lie in different batches. Whether there is a Meta is left to the query of the events: a first frame waits for
 * one query less.
 */
export function startFor(window: PlayWindow, fromTs: number): SnapshotStart | null {
  for (let i = window.batches.length - 1; i >= 0; i--) {
    const batch = window.batches[i] as IndexedBatch;
    const n = batch.full_snapshot_ts.findLastIndex((ts) => ts <= fromTs);
    const idx = batch.full_snapshot_idx[n];
    const snapshotTs = batch.full_snapshot_ts[n];
    if (idx === undefined || snapshotTs === undefined) continue;
    return { part: fromMeta(batch, idx, window.batches[i - 1]), snapshotTs };
  }
  return null;
}

function fromMeta(batch: IndexedBatch, snapshotIdx: number, previous: IndexedBatch | undefined): Part {
  if (snapshotIdx > 0) return { batch, fromIdx: snapshotIdx - 1, ifMeta: true };
  if (previous) return { batch: previous, fromIdx: previous.event_count - 1, ifMeta: true };
  return { batch, fromIdx: 0 };
}

/** All of a window from `start` on, less what lies wholly after `toTs`. */
export function partsOfWindow(window: PlayWindow, start: Part | null, toTs: number): Part[] {
  const first = start ? window.batches.indexOf(start.batch) : 0;
  return window.batches
    .slice(first)
    .map((batch, i) => (i === 0 && start ? start : { batch, fromIdx: 0 }))
    .filter(({ batch }) => batch.first_ts <= toTs);
}

/** What comes after the cursor. Windows are taken up in their present order; a window that is gone begins nothing. */
export function windowsFrom(order: PlayOrder, cursor: PlayCursor | null): PlayWindow[] {
  if (!cursor) return order.windows;
  const at = order.windows.findIndex(({ window_id }) => window_id === cursor.window_id);
  return at === -1 ? [] : order.windows.slice(at);
}

/** The parts of the cursor's own window that come after it. */
export function partsAfter(window: PlayWindow, cursor: PlayCursor, toTs: number): Part[] {
  return partsOfWindow(window, null, toTs).flatMap(({ batch }) => {
    if (batch.batch_id === cursor.batch_id) {
      return cursor.idx + 1 < batch.event_count ? [{ batch, fromIdx: cursor.idx + 1 }] : [];
    }
    // Another batch plays at the cursor's seq by now: most of that seq was given, it is not given again.
    const sameSeq = window.window_id !== "" && batch.seq === cursor.seq;
    return comparePlaces(window.window_id, batch, cursor) > 0 && !sameSeq ? [{ batch, fromIdx: 0 }] : [];
  });
}
