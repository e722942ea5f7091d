import { kindOf, type TimelineItem, toneOf } from "../replay/timeline-item.ts";

const SHOWN = 8;
/** So many of them show where somebody was, whatever went wrong. */
const PLACES = 2;

/** The moments that tell a session on a few lines: the last that went wrong, and the pages and site's own events around them. */
export function highlightsOf(items: readonly TimelineItem[]): TimelineItem[] {
  const trouble = items.filter((item) => kindOf(item) === "frustration" || toneOf(item) === "bad");
  const places = items.filter((item) => kindOf(item) === "page" || kindOf(item) === "custom");
  const told = trouble.slice(-(SHOWN - Math.min(PLACES, places.length)));
  const shown = new Set([...told, ...places.slice(told.length - SHOWN)]);
  return items.filter((item) => shown.has(item));
}
