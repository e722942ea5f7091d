/**
 * A session as plain text, a line for what the visitor did and for what it led to:
 *
 *     00:09 click “Pay now” (button#pay) → POST /api/pay 402 312 ms → text “Card declined” appeared → rage click ×6
 *
 * The same items give the same text, in whatever order they come: it is read by people, and by programs that compare and
 * summarise sessions. Nothing is in it that the timeline does not hold, so that what is masked there is masked here.
 */

/** One thing that happened: an item of the timeline. */
export interface TranscriptItem {
  /** Session time. */
  at_ms: number;
  /** Kind of fact, `$click` and its like, or a custom event's own name. */
  type: string;
  window_id: string;
  /** Path of the page that it happened on. */
  page?: string | undefined;
  text?: string | undefined;
  /** The element, where it is known. */
  selector?: string | undefined;
  /** The fact's other props, as docs/facts.md has them. */
  detail?: Record<string, unknown> | undefined;
}

/** What follows something that the visitor did within this long is said on its line. */
const OUTCOME_MS = 10_000;
/** Of the outcomes on a line, and of the characters of a text, more are left out. */
const OUTCOMES_MAX = 12;
const TEXT_MAX = 120;

/** A label that is clicked clicks its field too, at once. */
const ONE_CLICK_MS = 20;

interface Line {
  at_ms: number;
  window_id: string;
  words: string;
  /** What it led to, each with how often. */
  outcomes: Map<string, { times: number; aside: string }>;
  /** What became of it in all, told last: a rage click. */
  verdicts: string[];
  /** Something that the visitor did: the one thing that has outcomes. */
  isAction: boolean;
  /** Clicks until then are this one's: the same, again and again. */
  rageUntil: number;
}

/** @returns lines, each ended by a line break; `[2]` stands before what happened in the session's second window */
export function transcript(items: readonly TranscriptItem[]): string {
  const lines: Line[] = [];
  const lastOf = new Map<string, Line>();
  for (const item of items.toSorted(inOrder)) {
    const told = tell(item);
    if (told === null) continue;
    const { at_ms, window_id } = item;
    const before = lastOf.get(window_id);
    if (before && repeats(item, told, before)) continue;
    if (before?.isAction && told.role !== "action" && isOutcome(item) && at_ms - lastDeed(before) <= OUTCOME_MS) {
      addOutcome(before, told, item);
      continue;
    }
    const line: Line = {
      at_ms,
      window_id,
      words: joined(told.words, told.aside),
      outcomes: new Map(),
      verdicts: [],
      isAction: told.role === "action",
      rageUntil: Number.NEGATIVE_INFINITY,
    };
    lines.push(line);
    lastOf.set(window_id, line);
  }
  const windows = [...lastOf.keys()];
  return lines.map((line) => `${text(line, windows)}\n`).join("");
}

/** Only by what is told, so that the order in which rows were read leaves no trace. */
function inOrder(a: TranscriptItem, b: TranscriptItem): number {
  return a.at_ms - b.at_ms || order(rank(a), rank(b)) || order(identity(a), identity(b));
}
const order = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
/** At the same moment: what was done, before what it led to. */
const rank = (item: TranscriptItem) => (item.type === "$pageview" ? 0 : isOutcome(item) ? 2 : 1);
const identity = ({ type, window_id, selector, text, detail }: TranscriptItem) =>
  JSON.stringify([window_id, type, selector, text, sorted(detail)]);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => order(a, b))
    .map(([name, member]) => [name, sorted(member)]);
}

/** A click that the line before tells already. */
function repeats({ type, at_ms }: TranscriptItem, { words }: Told, before: Line): boolean {
  if (type !== "$click" || words !== before.words) return false;
  return at_ms <= before.rageUntil || at_ms - before.at_ms <= ONE_CLICK_MS;
}

const lastDeed = ({ at_ms, rageUntil }: Line) => Math.max(at_ms, rageUntil);

function addOutcome(line: Line, { words, aside = "" }: Told, { type, at_ms, detail }: TranscriptItem): void {
  if (VERDICTS.has(type)) {
    line.verdicts.push(words);
    if (type === "$rage_click") line.rageUntil = at_ms + Number(detail?.duration_ms ?? 0);
    return;
  }
  const times = (line.outcomes.get(words)?.times ?? 0) + 1;
  line.outcomes.set(words, { times, aside });
}

function text({ at_ms, window_id, words, outcomes, verdicts }: Line, windows: readonly string[]): string {
  const window = windows.indexOf(window_id) + 1;
  const shown = [...outcomes]
    .slice(0, OUTCOMES_MAX)
    .map(([outcome, { times, aside }]) => (times > 1 ? `${outcome} ×${times}` : joined(outcome, aside)));
  if (outcomes.size > OUTCOMES_MAX) shown.push(`… ${outcomes.size - OUTCOMES_MAX} more`);
  return [clock(at_ms), ...(window > 1 ? [`[${window}]`] : []), [words, ...shown, ...verdicts].join(" → ")].join(" ");
}

/** `00:09`, `1:02:03` past an hour, `-00:03` before the recording's first event. */
function clock(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1_000);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const time = h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
  return ms < 0 ? `-${time}` : time;
}

/** Kinds that are told as what an action led to, and as what became of it in all. */
const OUTCOMES = new Set(["$request", "$text_appeared", "$error", "$console"]);
const VERDICTS = new Set(["$rage_click", "$dead_click", "$quick_back"]);
const isOutcome = ({ type }: TranscriptItem) => OUTCOMES.has(type) || VERDICTS.has(type);

interface Told {
  words: string;
  /** What differs from time to time, and is told of a single one only. */
  aside?: string;
  role: "action" | "other";
}

/** What scripts ask for; what a page loads by itself is worth telling only where it failed. */
const ASKED = new Set(["fetch", "xmlhttprequest", "xhr", "beacon"]);

/** @returns null for what tells nothing of the visit: measurements of the page, its files, the console's chatter */
function tell(item: TranscriptItem): Told | null {
  const { type, text, page, detail = {} } = item;
  const role = "other";
  switch (type) {
    case "$pageview":
      return { words: joined("page", page, quoted(detail.title)), role: "action" };
    case "$click":
      return { words: joined("click", element(item)), role: "action" };
    case "$rage_click":
      return { words: joined("rage click", typeof detail.count === "number" && `×${detail.count}`), role };
    case "$dead_click":
      return { words: "nothing happened", role };
    case "$quick_back":
      return { words: "quickly back", role };
    case "$form_abandoned":
      return { words: joined("form left unfinished", element(item)), role };
    case "$request":
      if (!ASKED.has(String(detail.type)) && detail.failed !== true) return null;
      return {
        words: joined(text),
        aside: typeof detail.duration_ms === "number" ? `${detail.duration_ms} ms` : "",
        role,
      };
    case "$text_appeared":
      return { words: joined("text", quoted(text), "appeared"), role };
    case "$error":
      return { words: joined("error", quoted(text)), role };
    case "$console":
      return isLoud(detail.level) ? { words: joined(`console.${detail.level}`, quoted(text)), role } : null;
    case "$identify":
      return { words: joined("is", text), role };
    case "$web_vital":
    case "$resize":
      return null;
    default:
      return { words: joined("event", type, properties(type, detail)), role: "action" };
  }
}

const isLoud = (level: unknown) => level === "error" || level === "warn" || level === "assert";

function element({ text, selector }: TranscriptItem): string {
  return joined(quoted(text), selector && `(${selector})`);
}

/** Of a custom event, its own; the kinds that are not named above are told without. */
function properties(type: string, detail: Record<string, unknown>): string {
  const { url: _, ...props } = detail;
  return type.startsWith("$") || Object.keys(props).length === 0 ? "" : short(JSON.stringify(props));
}

const quoted = (text: unknown) => (typeof text === "string" && text.trim() !== "" ? `“${short(text.trim())}”` : "");
const short = (text: string) => {
  const line = oneLine(text);
  return line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX - 1).trimEnd()}…` : line;
};
const joined = (...words: readonly unknown[]) => oneLine(words.filter(Boolean).join(" "));
const oneLine = (text: string) => text.replace(/\s+/g, " ");
