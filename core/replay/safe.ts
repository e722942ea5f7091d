import { showCanvasPictures } from "./canvas-pictures.ts";
import { makeInert } from "./inert.ts";
import { EVENT_TYPE, type RrwebEvent } from "./rrweb-event.ts";
import { wellFormed } from "./well-formed.ts";

/** rrweb's `IncrementalSource`. */
const RESIZE = 4;

/** Events of one window as rrweb's player may be given them: they can neither act nor stop it. Changed in place, and answered. */
export function safe(events: RrwebEvent[]): RrwebEvent[] {
  for (const event of events) showCanvasPictures(makeInert(wellFormed(event)));
  events.forEach((event, at) => {
    const next = events[at + 1];
    // A seek begins at a Meta event, for rrweb's recorder takes a snapshot right after it. Where that is lost, only its
    // size is to be had.
    if (event.type !== EVENT_TYPE.meta || !next || next.type === EVENT_TYPE.fullSnapshot) return;
    event.type = EVENT_TYPE.incremental;
    event.data = { source: RESIZE, ...(event.data as object) };
  });
  return events;
}
