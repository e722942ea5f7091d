/** What an outage does to the memory of workerd. */
import type { MemorySample } from "./watch.ts";

export interface MemoryOfOutage {
  /** Before the fault, bytes. */
  before: number;
  /** At 25, 50, 75 and 100 % of the time that it held. */
  quarters: number[];
  /** The most at any time, the recovery included. */
  most: number;
  /** At the end, when all was drained. */
  after: number;
}

/** Of the last round; null where the fault was too short to say, or workerd was killed meanwhile. */
export function memoryOfOutage(samples: readonly MemorySample[]): MemoryOfOutage | null {
  const lastHeld = samples.findLastIndex(({ holds }) => holds);
  const firstHeld = samples.findLastIndex(({ holds }, i) => i < lastHeld && !holds) + 1;
  const held = samples.slice(firstHeld, lastHeld + 1);
  const [first, last, before, after] = [held[0], held.at(-1), samples[firstHeld - 1], samples.at(-1)];
  if (!first || !last || !before || !after || held.length < 8) return null;
  const round = samples.slice(firstHeld - 1);
  if (round.some(({ pid }) => pid !== before.pid)) return null;
  const at = (part: number) => {
    const wanted = first.atMs + (last.atMs - first.atMs) * part;
    return held.findLast(({ atMs }) => atMs <= wanted)?.bytes ?? first.bytes;
  };
  return {
    before: before.bytes,
    quarters: [0.25, 0.5, 0.75, 1].map(at),
    most: Math.max(...round.map(({ bytes }) => bytes)),
    after: after.bytes,
  };
}
