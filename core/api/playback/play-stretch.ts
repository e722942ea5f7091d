import type { PlayOrder, PlayWindow } from "#core/facts/play-order.ts";
import { Refusal } from "../refusal.ts";
import type { PlayCursor } from "./cursor.ts";
import { type EventSource, type PlayedEvent, readEvents, readLines } from "./read-events.ts";
import { ndjson } from "./render.ts";
import { type Part, partsAfter, partsOfWindow, startFor, windowsFrom } from "./stretch.ts";

/** The latest time that the column `ts` holds: no `to`. */
export const END_OF_TIME_MS = Date.UTC(2299, 11, 31, 23, 59, 59, 999);

export interface StretchAsked {
  /** ms of session time */
  from?: number | undefined;
  to?: number | undefined;
  /** of events */
  limit?: number | undefined;
  cursor?: PlayCursor | undefined;
}

export interface Stretch {
  /** What `events` would come to without a limit. */
  parts: Part[];
  events: AsyncIterable<PlayedEvent[]>;
  /** The same as NDJSON. */
  lines: AsyncGenerator<Uint8Array, void>;
}

/**
 * The one window that was asked for, or all.
 * @throws Refusal `not_found`
 */
export function windowsAsked({ windows }: PlayOrder, windowId: string | undefined): PlayWindow[] {
  if (windowId === undefined) return windows;
  const found = windows.filter(({ window_id }) => window_id === windowId);
  if (found.length === 0) throw new Refusal("not_found", { detail: "this session has no such window" });
  return found;
}

/** The events of an answer: each window from its snapshot for `from`, or from the cursor, to `to`. */
export function playStretch(
  source: Omit<EventSource, "toTs">,
  order: PlayOrder,
  { from = 0, to, limit, cursor }: StretchAsked,
): Stretch {
  const toTs = to === undefined ? END_OF_TIME_MS : Math.min(order.start_ts + to, END_OF_TIME_MS);
  const bounded = { ...source, toTs };
  const parts: Part[] = [];
  for (const window of windowsFrom(order, cursor ?? null)) {
    if (cursor && window.window_id === cursor.window_id) parts.push(...partsAfter(window, cursor, toTs));
    else {
      const start = from > 0 ? startFor(window, order.start_ts + from) : null;
      parts.push(...partsOfWindow(window, start?.part ?? null, toTs));
    }
  }
  const events = readEvents(bounded, parts, limit);
  // Only of events that are told apart is it known how many they are.
  return { parts, events, lines: limit === undefined ? readLines(bounded, parts) : ndjson(events) };
}
