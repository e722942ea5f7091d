/** What happened in a session, as the API's timeline tells it and as the panel and the markers show it. */
import { propsInWords } from "../format/event.ts";
import { placeInWords, stackOf } from "./stack.ts";

export interface TimelineItem {
  at_ms: number;
  type: string;
  window_id: string;
  page?: string | undefined;
  text?: string | undefined;
  selector?: string | undefined;
  detail?: Record<string, unknown> | undefined;
}

/** What an item is: its icon, its place among the filters. */
export type Kind =
  | "page"
  | "click"
  | "frustration"
  | "error"
  | "request"
  | "resource"
  | "console"
  | "vital"
  | "custom"
  | "text"
  | "other";

/** Maps, since a site may call its event `constructor`. */
const KINDS = new Map<string, Kind>([
  ["$pageview", "page"],
  ["$click", "click"],
  ["$input", "click"],
  ["$rage_click", "frustration"],
  ["$dead_click", "frustration"],
  ["$quick_back", "frustration"],
  ["$form_abandoned", "frustration"],
  ["$error", "error"],
  ["$console", "console"],
  ["$web_vital", "vital"],
  ["$text_appeared", "text"],
]);

/** What a page's program asks for; all else is loaded to show it, the page itself included. */
const ASKED = new Set(["fetch", "xmlhttprequest", "xhr", "beacon"]);

export function kindOf({ type, detail }: Pick<TimelineItem, "type" | "detail">): Kind {
  if (type === "$request") return ASKED.has(String(detail?.type ?? "fetch")) ? "request" : "resource";
  return KINDS.get(type) ?? (type.startsWith("$") ? "other" : "custom");
}

export type Tone = "bad" | "poor";

/** Whether something went wrong, and how badly: its colour. */
export function toneOf(item: Pick<TimelineItem, "type" | "detail">): Tone | undefined {
  const { type, detail } = item;
  if (type === "$error") return "bad";
  if (type === "$request") return detail?.failed === true || Number(detail?.status) >= 400 ? "bad" : undefined;
  if (type === "$console")
    return new Map<unknown, Tone>([
      ["error", "bad"],
      ["assert", "bad"],
      ["warn", "poor"],
    ]).get(detail?.level);
  if (type === "$web_vital") return detail?.rating === "poor" ? "poor" : undefined;
  return kindOf(item) === "frustration" ? "poor" : undefined;
}

export const KIND_LABELS: Record<Kind, string> = {
  page: "Pages",
  click: "Clicks",
  frustration: "Frustration",
  error: "Problems",
  request: "Network",
  resource: "Resources",
  console: "Console",
  vital: "Vitals",
  custom: "Custom",
  text: "Texts",
  other: "Other",
};

/** The story. What a page loads to show itself and how quick it was would drown it, unless it is bad. */
export function isOfStory(item: Pick<TimelineItem, "type" | "detail">): boolean {
  return !["resource", "vital"].includes(kindOf(item)) || toneOf(item) !== undefined;
}

/** Whether a filter shows the item. Problems are all that went wrong, network all requests that were not for looks. */
export function isShownBy(filter: Kind, item: Pick<TimelineItem, "type" | "detail">): boolean {
  return kindOf(item) === filter || (filter === "error" && toneOf(item) === "bad");
}

/** What a browser's own console would show. */
export function isOfConsole({ type }: Pick<TimelineItem, "type">): boolean {
  return type === "$console" || type === "$error";
}

/** What stands on the track: what people did and what went wrong. */
export function isMarked(item: Pick<TimelineItem, "type" | "detail">): boolean {
  const kind = kindOf(item);
  return ["page", "click", "frustration", "custom"].includes(kind) || toneOf(item) === "bad";
}

/** What the visitor did themselves, in the window where they were. */
export function isDeed(item: Pick<TimelineItem, "type" | "detail">): boolean {
  return ["page", "click", "frustration"].includes(kindOf(item));
}

/** What stands on the item's line: its page, its text, its props, or where it happened. */
export function headline({ type, page, text, selector, detail }: TimelineItem): string {
  if (type === "$pageview") return page ?? "";
  if (!type.startsWith("$")) return propsInWords(detail ?? {}) || (page ?? "");
  const message = detail?.message ?? detail?.name;
  return text || (typeof message === "string" ? message : "") || selector || page || "";
}

/** What stands behind it, dimly: the element of a click, how long a request took, where an error or a message is from. */
export function aside({ type, text, selector, detail = {} }: TimelineItem): string {
  if (type === "$request") return typeof detail.duration_ms === "number" ? `${detail.duration_ms} ms` : "";
  if (type === "$error") return placeInWords(stackOf(detail));
  if (type === "$console") return placeInWords(stackOf({ stack: detail.trace }));
  return text && selector ? selector : "";
}

/** The page that a window shows at a moment; of whichever window, where none is shown yet. */
export function pageAt(
  pages: readonly { at_ms: number; window_id: string; path: string }[],
  windowId: string | undefined,
  timeMs: number,
): string | null {
  const ofWindow = pages.filter(({ window_id }) => windowId === undefined || window_id === windowId);
  return (ofWindow.findLast(({ at_ms }) => at_ms <= timeMs) ?? ofWindow[0])?.path ?? null;
}
