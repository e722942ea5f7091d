/**
 * Which events to ask for, and when. Pure: player.ts does the asking.
 *
 * A window is played from a *run*: consecutive stretches of its events, beginning at a full snapshot. The run grows at its
 * end while it plays. A seek to where it cannot grow cheaply begins another run, at the last full snapshot before the
 * target, and the first is forgotten; so nothing has to be loaded that is not looked at.
 * All times are session time: ms since the session's first event.
 */

import type { RrwebEvent } from "#core/replay/rrweb-event.ts";
import { countUntil } from "./by-time.ts";

export interface Run {
  /** Of its first event. */
  fromMs: number;
  /** Of the last event loaded. */
  untilMs: number;
  /** Where the next stretch begins; null once the window's end is loaded. */
  cursor: string | null;
  /** Of each event loaded, ascending. */
  timesMs: readonly number[];
}

/** Small, since the first frame waits for it: a full snapshot and the moments after it. */
const FIRST_STRETCH_EVENTS = 400;
const STRETCH_EVENTS = 2_000;
/**
 * Nobody knows how many events lie before a far moment. Each request asks for so many times what is loaded: few requests
 * where it is far, and little that is not needed where it is near.
 */
const CATCH_UP_FACTOR = 4;
const CATCH_UP_EVENTS_MAX = 20_000;

const AHEAD_MS = 30_000;
const AHEAD_EVENTS = 1_500;

/** As many that nobody would miss, being older than a snapshot that was played, and the run begins anew there. */
const OUTLIVED_EVENTS = 5_000;

/** How many events to ask for next. */
export function stretchEvents(run: Run | null, targetMs: number): number {
  if (run === null) return FIRST_STRETCH_EVENTS;
  if (run.untilMs >= targetMs) return STRETCH_EVENTS;
  return Math.min(Math.max(STRETCH_EVENTS, run.timesMs.length * CATCH_UP_FACTOR), CATCH_UP_EVENTS_MAX);
}

export type SeekPlan = "within" | "extend" | "restart";

/** How to get to `targetMs`: it is loaded; the run is continued up to it; or another run begins nearer to it. */
export function planSeek(run: Run, targetMs: number, snapshotsMs: readonly number[]): SeekPlan {
  if (targetMs < run.fromMs) return "restart";
  if (targetMs <= run.untilMs || run.cursor === null) return "within";
  // Beyond what is loaded. Beginning anew saves something only if a snapshot lies on the way.
  return snapshotBefore(snapshotsMs, targetMs) > run.untilMs ? "restart" : "extend";
}

function snapshotBefore(snapshotsMs: readonly number[], targetMs: number): number {
  return snapshotsMs.findLast((at) => at <= targetMs) ?? Number.NEGATIVE_INFINITY;
}

/** Whether to load more while `nowMs` plays at `speed`: by time, and by count, since skipping idle eats time. */
export function wantsMore(run: Run, nowMs: number, speed: number): boolean {
  if (run.cursor === null) return false;
  const eventsAhead = run.timesMs.length - eventsUntil(run, nowMs);
  return run.untilMs < nowMs + AHEAD_MS * Math.max(1, speed) || eventsAhead < AHEAD_EVENTS;
}

/**
 * Whether the run should begin anew at the last snapshot before `nowMs`. The player keeps all that it was given: this is
 * what bounds it while hours are played on.
 */
export function isOutlived(run: Run, nowMs: number, snapshotsMs: readonly number[]): boolean {
  return eventsUntil(run, snapshotBefore(snapshotsMs, nowMs)) > OUTLIVED_EVENTS;
}

function eventsUntil({ timesMs }: Run, atMs: number): number {
  return countUntil(timesMs, (timeMs) => timeMs, atMs);
}

/** Whether `nowMs` has come to the end of what is loaded, so that playing on would show a page that has stopped. */
export function mustWait(run: Run, nowMs: number): boolean {
  return run.cursor !== null && nowMs >= run.untilMs;
}

/** The run with one more stretch. */
export function grown(run: Run | null, timesMs: readonly number[], cursor: string | null): Run {
  const first = timesMs[0] ?? run?.fromMs ?? 0;
  const last = timesMs.at(-1) ?? run?.untilMs ?? first;
  return {
    fromMs: run?.fromMs ?? first,
    untilMs: Math.max(run?.untilMs ?? 0, last),
    cursor,
    timesMs: [...(run?.timesMs ?? []), ...timesMs],
  };
}

/**
 * Makes times non-decreasing, in place: the API answers in the order in which things happened, and the player sorts by
 * time. A clock that was set back in the middle would otherwise change nodes before they are there; one that was set
 * far ahead must not carry what follows beyond the window's end.
 */
export function inOrder(events: RrwebEvent[], floorTs: number, ceilingTs: number): RrwebEvent[] {
  let latest = floorTs;
  for (const event of events) {
    latest = Math.max(latest, Math.min(event.timestamp, ceilingTs));
    event.timestamp = latest;
  }
  return events;
}
