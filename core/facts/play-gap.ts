/** Where something is missing in a window's recording, told by the numbers of its batches. Pure. */
import type { PlayWindow } from "./play-order.ts";

/** Batches that should lie between two of the window. */
export interface PlayGap {
  first_seq: number;
  last_seq: number;
  /** Client's clock, ms: the last event before the gap. */
  from_ts: number;
  /** The first full snapshot after it, else the window's end: until then nobody knows what the page looked like. */
  to_ts: number;
}

/** Nothing is told of windows whose batches are not numbered, nor of what is missing before the first or after the last. */
export function playGaps({ window_id, batches, last_ts }: PlayWindow): PlayGap[] {
  if (window_id === "") return [];
  const gaps: PlayGap[] = [];
  let snapshotTs = last_ts;
  for (let i = batches.length - 1; i > 0; i--) {
    const [before, batch] = [batches[i - 1], batches[i]];
    if (!before || !batch) continue;
    snapshotTs = batch.full_snapshot_ts[0] ?? snapshotTs;
    if (batch.seq === before.seq + 1) continue;
    gaps.unshift({ first_seq: before.seq + 1, last_seq: batch.seq - 1, from_ts: before.last_ts, to_ts: snapshotTs });
  }
  return gaps;
}
