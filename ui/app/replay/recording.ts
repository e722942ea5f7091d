/** A session's events as this browser asks for them, one stretch at a time. */
// The whole of zod would be a third of what a browser fetches to play.
import * as z from "zod/mini";
import type { RrwebEvent } from "#core/replay/rrweb-event.ts";
import { safe } from "#core/replay/safe.ts";
import { isApiFailure } from "../api-failure.ts";
import { hoistStyles } from "./hoist-styles.ts";
import { boxMissingImages } from "./missing-images.ts";

export interface Stretch {
  events: RrwebEvent[];
  cursor: string | null;
}

/** Where a stretch begins: at the last full snapshot at or before a time, or where the one before ended. */
export type StretchStart = { atMs: number } | { cursor: string };

export type FetchStretch = (
  windowId: string,
  start: StretchStart,
  limit: number,
  signal: AbortSignal,
) => Promise<Stretch>;

/** Only what the player itself relies on is looked at: an event's data is rrweb's, and a stretch holds thousands. */
export const RrwebEvents = z.array(
  z.custom<RrwebEvent>((value) => typeof (value as RrwebEvent | null)?.timestamp === "number"),
);

const Page = z.object({
  events: RrwebEvents,
  next_cursor: z.nullable(z.string()),
});

/** Asks the console's own server, which asks the API. Rejects with words for the person who watches. */
export function fetchStretchFrom(eventsUrl: string): FetchStretch {
  return async (windowId, start, limit, signal) => {
    const response = await fetch(stretchUrl(eventsUrl, windowId, start, limit), { signal });
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) throw new Error(isApiFailure(body) ? body.title : `The API answered ${response.status}`);
    const page = Page.parse(body);
    return { events: prepared(page.events), cursor: page.next_cursor };
  };
}

export function stretchUrl(eventsUrl: string, windowId: string, start: StretchStart, limit: number): string {
  const query = new URLSearchParams({ window_id: windowId, limit: String(limit) });
  if ("cursor" in start) query.set("cursor", start.cursor);
  else query.set("from", String(Math.max(0, Math.floor(start.atMs))));
  return `${eventsUrl}?${query}`;
}

/** Events as they may be played: what would stop the player or could act is taken out, what is missing has its place. */
export function prepared(events: RrwebEvent[]): RrwebEvent[] {
  return hoistStyles(safe(events).map(boxMissingImages));
}
