/**
 * Active time: somebody is active for 5 s from each thing they do (pointer, touch, scroll, keys, selection, media). The
 * rest of a session is idle. Tabs that are used at once count once.
 */
import { IncrementalSource } from "#protocol/event.ts";
import { type Moment, sourceOf } from "./moment.ts";

/** From, to, ms. */
export type Interval = [from: number, to: number];

const ACTIVE_MS = 5_000;

/** rrweb's sources that people are behind. */
const DEEDS = new Set<number>([
  IncrementalSource.MouseMove,
  IncrementalSource.MouseInteraction,
  IncrementalSource.Scroll,
  IncrementalSource.Input,
  IncrementalSource.TouchMove,
  IncrementalSource.MediaInteraction,
  IncrementalSource.Drag,
  IncrementalSource.Selection,
]);

export class Activity {
  readonly #intervals: Interval[] = [];

  take(moment: Moment): void {
    if (!DEEDS.has(sourceOf(moment))) return;
    const last = this.#intervals.at(-1);
    if (last && moment.at <= last[1]) last[1] = moment.at + ACTIVE_MS;
    else this.#intervals.push([moment.at, moment.at + ACTIVE_MS]);
  }

  /** @param endedAt nothing is known after it */
  end(endedAt: number): Interval[] {
    return this.#intervals.map(([from, to]): Interval => [from, Math.min(to, endedAt)]);
  }
}

/** Time in which any of the windows was active, ms. */
export function activeMs(windows: readonly Interval[][]): number {
  const intervals = windows.flat().sort(([a], [b]) => a - b);
  let sum = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [from, to] of intervals) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.round(sum);
}
