/** Rows of a list, from 0: `from`, up to but not with `to`. */
export interface Rows {
  from: number;
  to: number;
}

/** A row takes a slow browser 2 ms to make, lay out and paint, and a frame is to take less than 50. */
export const NEW_ROWS_A_FRAME = 6;

/**
 * The rows of the next frame: from those that are there towards those that are wanted, with so few new ones that no frame is
 * late. What is seen comes first. @returns `before` itself if it is what is wanted
 */
export function toward(before: Rows, wanted: Rows, seenFrom: number): Rows {
  const { from, to } = wanted;
  const isElsewhere = before.to <= from || before.from >= to;
  const kept = isElsewhere
    ? { from: seenFrom, to: seenFrom }
    : { from: Math.max(from, before.from), to: Math.min(to, before.to) };
  const below = Math.min(to - kept.to, NEW_ROWS_A_FRAME);
  const above = Math.min(kept.from - from, NEW_ROWS_A_FRAME - below);
  const next = { from: kept.from - above, to: kept.to + below };
  return next.from === before.from && next.to === before.to ? before : next;
}
