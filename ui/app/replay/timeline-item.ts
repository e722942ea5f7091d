/** What happened in a session, as the API's timeline tells it and as the panel and the markers show it. */
export interface TimelineItem {
  at_ms: number;
  type: string;
  window_id: string;
  page?: string | undefined;
  text?: string | undefined;
  selector?: string | undefined;
  detail?: Record<string, unknown> | undefined;
}

/** What an item means to someone looking: its colour, its icon, its place among the filters. */
export type Kind = "page" | "click" | "frustration" | "error" | "console" | "request" | "custom";

/** Maps, since a site may call its event `constructor`. */
const KINDS = new Map<string, Kind>([
  ["$pageview", "page"],
  ["$click", "click"],
  ["$input", "click"],
  ["$rage_click", "frustration"],
  ["$dead_click", "frustration"],
  ["$error", "error"],
  ["$console", "console"],
  ["$request", "request"],
]);

export function kindOf({ type, detail }: Pick<TimelineItem, "type" | "detail">): Kind {
  if (type === "$request" && Number(detail?.status) >= 400) return "error";
  return KINDS.get(type) ?? "custom";
}

export const KIND_LABELS: Record<Kind, string> = {
  page: "Pages",
  click: "Clicks",
  frustration: "Frustration",
  error: "Errors",
  console: "Console",
  request: "Requests",
  custom: "Custom",
};

const TYPE_WORDS = new Map([
  ["$pageview", "page"],
  ["$click", "click"],
  ["$input", "input"],
  ["$rage_click", "rage"],
  ["$dead_click", "dead click"],
  ["$error", "error"],
  ["$console", "console"],
  ["$request", "request"],
  ["$web_vital", "vital"],
  ["$identify", "identify"],
]);

/** `page`, `rage`, or the event's own name. */
export function typeInWords(type: string): string {
  return TYPE_WORDS.get(type) ?? type;
}

/** The first of a custom event's props that fit on a line: `plan pro · total 12.5`. */
const PROPS_SHOWN = 4;
const PROP_CHARS_SHOWN = 60;

/** What stands on the item's line: its page, its text, its props, or where it happened. */
export function headline({ type, page, text, selector, detail }: TimelineItem): string {
  if (type === "$pageview") return page ?? "";
  if (!type.startsWith("$")) return propsInWords(detail) || (page ?? "");
  const message = detail?.message ?? detail?.name;
  return text || (typeof message === "string" ? message : "") || selector || page || "";
}

function propsInWords(props: TimelineItem["detail"]): string {
  return Object.entries(props ?? {})
    .slice(0, PROPS_SHOWN)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .map((words) => (words.length > PROP_CHARS_SHOWN ? `${words.slice(0, PROP_CHARS_SHOWN)}…` : words))
    .join(" · ");
}

/** The page that is shown at a moment. */
export function pageAt(pages: readonly { at_ms: number; path: string }[], timeMs: number): string | null {
  return (pages.findLast(({ at_ms }) => at_ms <= timeMs) ?? pages[0])?.path ?? null;
}

/** Index of the last item at or before a moment; -1 before the first. Items are in time order. */
export function indexAt(items: readonly { at_ms: number }[], timeMs: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.at_ms ?? 0) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
