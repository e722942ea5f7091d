/** What keeps the facts of a batch small and quickly made, whatever a page or a program sends. */

/** At most `max` characters, and a mark where there were more. */
export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

/** The same text by itself: a part of a text, as the engine has it, keeps the whole of it in memory. */
export function detached(part: string): string {
  return Buffer.from(part, "utf16le").toString("utf16le");
}

/** The members that are there: stored props have no nulls. */
export function given<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== "")) as T;
}

/**
 * At most `max` of the facts, in their order: the first ones of the least rank. The last of them says in `left_out` how
 * many more the batch had.
 */
export function bounded<F extends { props: object }>(
  facts: readonly F[],
  max: number,
  rank: (fact: F) => number = () => 0,
): F[] {
  if (facts.length <= max) return [...facts];
  const kept = facts
    .map((fact, place) => ({ fact, place, rank: rank(fact) }))
    .sort((a, b) => a.rank - b.rank || a.place - b.place)
    .slice(0, max)
    .sort((a, b) => a.place - b.place)
    .map(({ fact }) => fact);
  const last = kept.pop();
  return last ? [...kept, { ...last, props: { ...last.props, left_out: facts.length - max } }] : [];
}

/** The last of what stands at or before a place of the batch. They are in order. */
export function lastAtOrBefore<T extends { idx: number }>(placed: readonly T[], idx: number): T | undefined {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle] as T).idx <= idx) low = middle + 1;
    else high = middle;
  }
  return placed[low - 1];
}
