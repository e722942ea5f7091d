/** Where a replay begins: at the moment that its address names, or shortly before what one came for. Pure. */
import { filtersOf } from "../sessions/filters.ts";
import { listOf } from "../sessions/in-list.ts";
import { nearest } from "./by-time.ts";
import { kindOf, type TimelineItem, toneOf } from "./timeline-item.ts";

/** What led to it is to be seen as well. */
const BEFORE_MS = 3_000;
/** What is told of by the clock may be this far from where the timeline has it. */
const NEAR_MS = 1_000;

export interface Beginning {
  atMs: number;
  /** What one came for. */
  reason: TimelineItem | null;
}

/**
 * `?t=` names seconds of the session, `?at=` a moment by the clock (ISO 8601); else the list that one came from says what
 * one looks for.
 *
 * @param startedAt ISO 8601
 */
export function beginningOf(search: URLSearchParams, startedAt: string, items: readonly TimelineItem[]): Beginning {
  if (search.has("t")) return { atMs: msOfSession(search), reason: null };
  const atMs = Date.parse(search.get("at") ?? "") - Date.parse(startedAt);
  if (!Number.isNaN(atMs)) {
    return { atMs: shortlyBefore(atMs), reason: nearest(items, atMs, NEAR_MS) };
  }
  const tests = testsOf(search);
  const found = items.filter((item) => tests.some((test) => test(item)));
  const reason = found.reduce<TimelineItem | null>(
    (first, item) => (first && first.at_ms <= item.at_ms ? first : item),
    null,
  );
  return { atMs: reason ? shortlyBefore(reason.at_ms) : 0, reason };
}

/** Whether what happened in the session says where it begins: then that is waited for. */
export function needsTimeline(search: URLSearchParams): boolean {
  return !search.has("t") && (search.has("at") || testsOf(search).length > 0);
}

/** `?t=` in ms; 0 where it is no moment of a session. */
export function msOfSession(search: URLSearchParams): number {
  const seconds = Number(search.get("t"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
}

function shortlyBefore(atMs: number): number {
  return Math.max(0, atMs - BEFORE_MS);
}

/** The text that the list looks for: not every text that was to be read is among what happened. */
export function textLookedFor(search: URLSearchParams): string | null {
  const filters = filtersOf(listOf(search) ?? new URLSearchParams());
  return filters.find(({ kind }) => kind.name === "seen")?.value ?? null;
}

type Test = (item: TimelineItem) => boolean;

/** By which an item is one for which a filter of the list lists the session. */
function testsOf(search: URLSearchParams): Test[] {
  const list = listOf(search) ?? new URLSearchParams();
  return filtersOf(list).flatMap(({ kind, value }) => LOOKED_FOR[kind.name]?.(value) ?? []);
}

/** By the name of the filter (sessions/filter-kinds.ts); null where its value asks for sessions without such an item. */
const LOOKED_FOR: Record<string, (value: string) => Test | null> = {
  event: (name) => (item) => item.type === name,
  error: (words) => (item) => item.type === "$error" && says(item, words),
  console: (words) => (item) => item.type === "$console" && says(item, words),
  seen: (words) => (item) => item.type === "$text_appeared" && says(item, words),
  request_url: (part) => (item) =>
    item.type === "$request" &&
    String(item.detail?.url ?? "")
      .toLowerCase()
      .includes(part.toLowerCase()),
  request_status: (status) => (item) =>
    item.type === "$request" && new RegExp(`^${status.replace("xx", "..")}$`).test(String(item.detail?.status)),
  errors: ifTrue((item) => item.type === "$error"),
  rage: ifTrue((item) => item.type === "$rage_click"),
  dead: ifTrue((item) => item.type === "$dead_click"),
  failed: ifTrue((item) => item.type === "$request" && toneOf(item) === "bad"),
  console_errors: ifTrue((item) => kindOf(item) === "console" && toneOf(item) === "bad"),
};

function ifTrue(test: Test): (value: string) => Test | null {
  return (value) => (value === "true" ? test : null);
}

function says({ text = "", detail }: TimelineItem, words: string): boolean {
  return `${text}\n${detail?.message ?? ""}`.toLowerCase().includes(words.toLowerCase());
}
