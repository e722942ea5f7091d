/** How far back lists and charts look: `?period=` in the address. */
import { withSearch } from "./search.ts";

export const PERIODS = [
  { id: "24h", label: "24 h", words: "the last 24 hours", ms: 24 * 3_600_000 },
  { id: "7d", label: "7 days", words: "the last 7 days", ms: 7 * 86_400_000 },
  { id: "30d", label: "30 days", words: "the last 30 days", ms: 30 * 86_400_000 },
] as const;

export type Period = (typeof PERIODS)[number];
export type PeriodId = Period["id"];

const DEFAULT: Period = PERIODS[1];
export const LONGEST: Period = PERIODS[2];

/** The period that an address asks for; seven days where it asks for none that we know. */
export function periodOf(search: URLSearchParams): Period {
  return PERIODS.find(({ id }) => id === search.get("period")) ?? DEFAULT;
}

/**
 * The search with another period, in place of days of its own; the default is not written out. A position in the old
 * list is dropped.
 * @param explicit the search means all time where it says nothing
 */
export function withPeriod(search: URLSearchParams, id: PeriodId, explicit = false): string {
  const period = id === DEFAULT.id && !explicit ? null : id;
  return withSearch(search, { cursor: null, from: null, to: null, period });
}
