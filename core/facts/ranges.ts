/** Arithmetic on inclusive ranges of `seq`. A client may name billions of numbers in one range: none is ever listed. */

export type Range = readonly [from: number, to: number];

/** In order, without overlap, neighbours joined. Ranges that end before they begin are left out. */
export function union(ranges: readonly Range[]): Range[] {
  const joined: [number, number][] = [];
  const sorted = ranges.filter(([from, to]) => from <= to).sort((a, b) => a[0] - b[0]);
  for (const [from, to] of sorted) {
    const last = joined.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** What of `whole` lies in none of `parts`. */
export function without(whole: readonly Range[], parts: readonly Range[]): Range[] {
  const holes = union(parts);
  const rest: Range[] = [];
  let hole = 0;
  for (const [from, to] of union(whole)) {
    let at = from;
    while (hole > 0 && (holes[hole - 1] as Range)[1] >= from) hole--;
    for (; hole < holes.length && at <= to; hole++) {
      const [holeFrom, holeTo] = holes[hole] as Range;
      if (holeFrom > to) break;
      if (holeFrom > at) rest.push([at, holeFrom - 1]);
      at = Math.max(at, holeTo + 1);
    }
    if (at <= to) rest.push([at, to]);
  }
  return rest;
}
