import { headline, kindOf, type TimelineItem, toneOf } from "../replay/timeline-item.ts";

const SHOWN = 8;
/** So many of them show where somebody was, whatever went wrong. */
const PLACES = 2;

interface Highlight {
  item: TimelineItem;
  /** How often it came, one after the other. */
  times: number;
}

/** The moments that tell a session on a few lines: the last that went wrong, and the pages and site's own events around them. */
export function highlightsOf(items: readonly TimelineItem[]): Highlight[] {
  const told = runsOf(items.filter((item) => isTrouble(item) || isPlace(item)));
  const trouble = told.filter(({ item }) => isTrouble(item));
  const places = told.filter(({ item }) => !isTrouble(item));
  const bad = trouble.slice(-(SHOWN - Math.min(PLACES, places.length)));
  const shown = new Set([...bad, ...(bad.length < SHOWN ? places.slice(bad.length - SHOWN) : [])]);
  return told.filter((highlight) => shown.has(highlight));
}

function isTrouble(item: TimelineItem): boolean {
  return kindOf(item) === "frustration" || toneOf(item) === "bad";
}

function isPlace(item: TimelineItem): boolean {
  return kindOf(item) === "page" || kindOf(item) === "custom";
}

/** The same over and over is told once, when it came first. */
function runsOf(items: readonly TimelineItem[]): Highlight[] {
  const runs: Highlight[] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last?.item.type === item.type && headline(last.item) === headline(item)) last.times++;
    else runs.push({ item, times: 1 });
  }
  return runs;
}
