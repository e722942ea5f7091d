/** What is found by its moment. */
interface Timed {
  at_ms: number;
}

/** How many lie at or before a moment. They are in time order. */
export function countUntil<T>(ordered: readonly T[], timeOf: (one: T) => number, timeMs: number): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(ordered[middle] as T) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the last item at or before a moment; -1 before the first. Items are in time order. */
export function indexAt(items: readonly Timed[], timeMs: number): number {
  return countUntil(items, ({ at_ms }) => at_ms, timeMs) - 1;
}

/** The item closest to a moment, if one is that near. Items may be in any order. */
export function nearest<T extends Timed>(items: readonly T[], timeMs: number, withinMs: number): T | null {
  const distance = ({ at_ms }: T) => Math.abs(at_ms - timeMs);
  const near = items.filter((item) => distance(item) <= withinMs);
  return near.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}
