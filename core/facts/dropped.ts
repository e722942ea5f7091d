/** What a recorder gave up, as a window's ledger tells it. */
import type { DroppedRange } from "#protocol/batch.ts";
import type { Range } from "./ranges.ts";

/** Of a window, as many as a recorder names in a batch: more only a program makes up. */
export const DROPPED_RANGES_MAX = 1_000;

export interface Dropped {
  /** In order, each seq once; the last ones, where there are more than are told. */
  dropped: DroppedRange[];
  /** Batches that were given up, those included whose ranges are left out. */
  dropped_count: number;
}

/**
 * Each batch of a recorder repeats all that it gave up before, so that ranges come again and again: each seq is told once,
 * by the range that begins first, and what begins where one of its reason ends goes on with it.
 *
 * @param said by any of the window's batches, in any order
 * @param received in order, without overlap. A recorder that never saw its 202 may give up what was taken: what is here
 *   was not dropped
 * @returns all of it
 */
export function droppedRanges(said: readonly DroppedRange[], received: readonly Range[]): DroppedRange[] {
  const inOrder = said.toSorted((a, b) => a.from - b.from || b.to - a.to || (a.reason < b.reason ? -1 : 1));
  const dropped: DroppedRange[] = [];
  const add = (from: number, to: number, reason: string) => {
    const last = dropped.at(-1);
    if (from > to) return;
    if (last && last.to + 1 === from && last.reason === reason) last.to = to;
    else dropped.push({ from, to, reason });
  };
  let next = 0;
  let place = 0;
  for (const { from, to, reason } of inOrder) {
    let at = Math.max(from, next);
    next = Math.max(next, to + 1);
    for (let here = received[place]; here && here[0] <= to; here = received[place]) {
      add(at, here[0] - 1, reason);
      at = Math.max(at, here[1] + 1);
      if (here[1] > to) break; // it goes on into what comes after
      place++;
    }
    add(at, to, reason);
  }
  return dropped;
}

/** @param all in order */
export function boundedDropped(all: readonly DroppedRange[]): Dropped {
  return {
    dropped: all.slice(-DROPPED_RANGES_MAX),
    dropped_count: all.reduce((sum, { from, to }) => sum + to - from + 1, 0),
  };
}
