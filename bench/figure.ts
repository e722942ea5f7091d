/** What a benchmark says: a ratio of two things that were measured in one run, and whether it is what it should be. */
export interface Figure {
  /** `edge.durable.json`, … */
  bench: string;
  /** Null where it could not be measured here: `detail` says why. */
  ratio: number | null;
  goal: number;
  /** Whether the ratio should be at least the goal, or at most. */
  better: "higher" | "lower";
  detail: string;
}

/** Says what is being done, over what it said before. */
export type Progress = (what: string) => void;

export function isMet({ ratio, goal, better }: Figure): boolean {
  if (ratio === null) return false;
  return better === "higher" ? ratio >= goal : ratio <= goal;
}

/** Whether what is asked for by the beginning of a name has this bench in it, or is in it. */
export function isWanted(wanted: string, bench: string): boolean {
  return bench.startsWith(wanted) || wanted.startsWith(bench);
}

/** @param part 0 to 1: so many of the values are at most as large as this */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
