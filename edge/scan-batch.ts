/**
 * Checks a batch in its bytes, in one pass that builds nothing of its events: JSON.parse and zod over them took half of a
 * request's time, and several times the body's size in memory. What passes is JSON whose `events` are what `RrwebEvent`
 * (protocol/event.ts) takes; scan-batch.test.ts holds this against the two.
 */
import { isUtf8 } from "node:buffer";
import type { Slice } from "#protocol/json-scan.ts";
import { FACTS_BYTES_MAX } from "#protocol/limits.ts";
import { type EventFault, scanEvents } from "#protocol/scan-events.ts";
import {
  asBytes,
  BACKSLASH,
  CLOSE_OBJECT,
  COMMA,
  fail,
  isText,
  newScan,
  OPEN_OBJECT,
  QUOTE,
  type Scan,
  skipBlank,
  skipName,
  skipRestOfString,
  skipValue,
} from "#protocol/strict-json.ts";

export type ScannedBatch =
  | {
      kind: "batch";
      /** Where the value of `events` lies, brackets included. */
      events: Slice;
      /** The other members, as an object in JSON; `events` is null in it. */
      facts: string;
    }
  | { kind: "no_json"; at: number }
  | { kind: "no_utf8" }
  | { kind: "too_deep" }
  | { kind: "facts_too_large" }
  /** JSON, and not what it should be. `path` as zod would say it: `events.3.type`. */
  | { kind: "no_batch"; path: string; message: string };

/** Each `events` that there is. */
type Found = Slice & { fault: EventFault | null };

const EVENTS = asBytes("events");
const decoder = new TextDecoder();

export function scanBatch(text: Uint8Array): ScannedBatch {
  const scan = newScan();
  /** Each `events` that there is; of a name that comes twice the last counts, as JSON.parse has it. */
  const found: Found[] = [];
  const end = scanMembers(text, scan, found);
  if (end < 0) return scan.tooDeep ? { kind: "too_deep" } : { kind: "no_json", at: scan.failedAt };
  if (!scan.ascii && !isUtf8(text)) return { kind: "no_utf8" };
  const events = found.at(-1);
  if (!events) return { kind: "no_batch", path: "events", message: "expected an array of rrweb events" };
  if (events.fault) return { kind: "no_batch", ...events.fault };
  const eventsBytes = found.reduce((sum, { start, end }) => sum + end - start, 0);
  if (text.byteLength - eventsBytes > FACTS_BYTES_MAX) return { kind: "facts_too_large" };
  return { kind: "batch", events, facts: factsOf(text, found) };
}

/** The text without its events: small, and parsed as any JSON. */
function factsOf(text: Uint8Array, events: readonly Slice[]): string {
  let facts = "";
  let at = 0;
  for (const { start, end } of events) {
    facts += `${decoder.decode(text.subarray(at, start))}null`;
    at = end;
  }
  return facts + decoder.decode(text.subarray(at));
}

function scanMembers(text: Uint8Array, scan: Scan, found: Found[]): number {
  let at = skipBlank(text, 0);
  if (text[at] !== OPEN_OBJECT) return skipWhole(text, at, scan);
  at = skipBlank(text, at + 1);
  if (text[at] === CLOSE_OBJECT) return expectEnd(text, at + 1, scan);
  for (;;) {
    const nameAt = at;
    at = skipName(text, nameAt, scan);
    if (at < 0) return at;
    if (isNamedEvents(text, nameAt, scan)) {
      const { end, fault } = scanEvents(text, at, scan);
      found.push({ start: at, end, fault });
      at = end;
    } else {
      at = skipValue(text, at, scan);
    }
    if (at < 0) return at;
    at = skipBlank(text, at);
    if (text[at] === CLOSE_OBJECT) return expectEnd(text, at + 1, scan);
    if (text[at] !== COMMA) return fail(scan, at);
    at = skipBlank(text, at + 1);
  }
}

/** JSON that is no object. */
function skipWhole(text: Uint8Array, start: number, scan: Scan): number {
  const end = skipValue(text, start, scan);
  return end < 0 ? end : expectEnd(text, end, scan);
}

function expectEnd(text: Uint8Array, start: number, scan: Scan): number {
  const at = skipBlank(text, start);
  return at === text.length ? at : fail(scan, at);
}

/** Whether the member whose name begins here is `events`, be it written with escapes. */
function isNamedEvents(text: Uint8Array, start: number, scan: Scan): boolean {
  if (isText(text, start + 1, EVENTS)) return text[start + 1 + EVENTS.length] === QUOTE;
  const end = skipRestOfString(text, start + 1, scan);
  const name = text.subarray(start, end);
  return name.indexOf(BACKSLASH) >= 0 && JSON.parse(decoder.decode(name)) === "events";
}
