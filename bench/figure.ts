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

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
