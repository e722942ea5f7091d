/** The time that a count is over, cut into intervals. All of it in UTC. */
import { Refusal } from "./refusal.ts";

export const INTERVALS = ["minute", "hour", "day", "week", "month"] as const;
export type Interval = (typeof INTERVALS)[number];

export interface Period {
  from: Date;
  /** Exclusive. */
  to: Date;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Points of a series: what a chart can show and an answer may hold. */
const INTERVALS_MAX = 5_000;

/** What is left out is 7 days until now. @throws Refusal `query_malformed` for a period that ends before it begins */
export function periodOf(asked: { from?: Date | undefined; to?: Date | undefined }, now: Date): Period {
  const to = asked.to ?? now;
  const from = asked.from ?? new Date(to.getTime() - 7 * DAY_MS);
  if (from >= to) {
    throw new Refusal("query_malformed", { issues: [{ path: "from", message: "must lie before `to`" }] });
  }
  return { from, to };
}

/** The interval that gives a readable number of points. */
export function suitableInterval({ from, to }: Period): Interval {
  const length = to.getTime() - from.getTime();
  if (length <= 2 * HOUR_MS) return "minute";
  if (length <= 3 * DAY_MS) return "hour";
  if (length <= 120 * DAY_MS) return "day";
  return length <= 730 * DAY_MS ? "week" : "month";
}

/** Ms at which each interval of the period begins. @throws Refusal `query_malformed` where they are too many */
export function intervalStarts({ from, to }: Period, interval: Interval): number[] {
  const starts: number[] = [];
  for (let at = startOf(from, interval); at < to.getTime(); at = after(at, interval)) {
    starts.push(at);
    if (starts.length > INTERVALS_MAX) {
      const message = `at most ${INTERVALS_MAX} intervals: take a longer one or a shorter period`;
      throw new Refusal("query_malformed", { issues: [{ path: "interval", message }] });
    }
  }
  return starts;
}

function startOf(date: Date, interval: Interval): number {
  const ms = date.getTime();
  if (interval === "minute") return ms - (ms % MINUTE_MS);
  if (interval === "hour") return ms - (ms % HOUR_MS);
  if (interval === "month") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  const day = ms - (ms % DAY_MS);
  // Weeks begin on Monday (ISO 8601); getUTCDay counts from Sunday.
  return interval === "day" ? day : day - ((date.getUTCDay() + 6) % 7) * DAY_MS;
}

function after(start: number, interval: Interval): number {
  if (interval === "minute") return start + MINUTE_MS;
  if (interval === "hour") return start + HOUR_MS;
  if (interval === "day") return start + DAY_MS;
  if (interval === "week") return start + 7 * DAY_MS;
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
