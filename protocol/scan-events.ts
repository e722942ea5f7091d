/** Goes through rrweb events in the bytes of a JSON array: what passes is what `RrwebEvent` (event.ts) takes. */
import type { Slice } from "./json-scan.ts";
import { TIMESTAMP_MS_MAX } from "./limits.ts";
import {
  asBytes,
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  fail,
  isDigit,
  isText,
  MINUS,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  type Scan,
  skipBlank,
  skipRestOfString,
  skipValue,
  ZERO,
} from "./strict-json.ts";

/** What is no event, and which. `path` as zod would say it: `events.3.type`. */
export type EventFault = { path: string; message: string };
/** `end` is exclusive, or -1 where it is no JSON. */
export type ScannedEvents = { end: number; fault: EventFault | null };

/** Where an event lies, and what it says of itself. */
export interface ScannedEvent extends Slice {
  type: number;
  timestamp: number;
  /** Where its `data` lies, if it has any. */
  data: Slice | null;
}

const TYPE = asBytes("type");
const TIMESTAMP = asBytes("timestamp");
const DATA = asBytes("data");
const decoder = new TextDecoder();

/**
 * The array that begins at `start`, whatever comes after it.
 * @param found told of each event, before it is known whether all of the array is whole
 */
export function scanEvents(
  text: Uint8Array,
  start: number,
  scan: Scan,
  found?: (event: ScannedEvent) => void,
): ScannedEvents {
  if (text[start] !== OPEN_ARRAY) return { end: skipValue(text, start, scan), fault: NO_ARRAY };
  let at = skipBlank(text, start + 1);
  if (text[at] === CLOSE_ARRAY) return { end: at + 1, fault: NO_EVENT };
  // What is no event is said only once the whole is known to be JSON.
  let fault: EventFault | null = null;
  for (let index = 0; ; index++) {
    const event = scanEvent(text, at, scan, found);
    if (event.end < 0) return { end: event.end, fault };
    if (event.fault) fault ??= { path: `events.${index}${event.fault.member}`, message: event.fault.message };
    at = skipBlank(text, event.end);
    if (text[at] === CLOSE_ARRAY) return { end: at + 1, fault };
    if (text[at] !== COMMA) return { end: fail(scan, at), fault };
    at = skipBlank(text, at + 1);
  }
}

const NO_ARRAY = { path: "events", message: "expected an array of rrweb events" };
const NO_EVENT = { path: "events", message: "expected at least one event" };
const NO_OBJECT = { member: "", message: "expected an object" };
const NO_TYPE = { member: ".type", message: "expected an integer, 0 to 255" };
const NO_TIMESTAMP = { member: ".timestamp", message: "expected milliseconds since 1970" };

/** One event, whatever comes after it. */
export function scanEvent(
  text: Uint8Array,
  start: number,
  scan: Scan,
  found: ((event: ScannedEvent) => void) | undefined,
): { end: number; fault?: typeof NO_OBJECT } {
  if (text[start] !== OPEN_OBJECT) return { end: skipValue(text, start, scan), fault: NO_OBJECT };
  let at = skipBlank(text, start + 1);
  if (text[at] === CLOSE_OBJECT) return { end: at + 1, fault: NO_TYPE };
  let type = Number.NaN;
  let timestamp = Number.NaN;
  let data: Slice | null = null;
  for (;;) {
    if (text[at] !== QUOTE) return { end: fail(scan, at) };
    const nameEnd = skipRestOfString(text, at + 1, scan);
    if (nameEnd < 0) return { end: nameEnd };
    const name = nameOf(text, at, nameEnd);
    at = skipBlank(text, nameEnd);
    if (text[at] !== COLON) return { end: fail(scan, at) };
    const valueAt = skipBlank(text, at + 1);
    const valueEnd = skipValue(text, valueAt, scan);
    if (valueEnd < 0) return { end: valueEnd };
    // Of a name that comes twice the last counts, as JSON.parse has it.
    if (name === "type") type = numberOf(text, valueAt, valueEnd);
    else if (name === "timestamp") timestamp = numberOf(text, valueAt, valueEnd);
    else if (name === "data" && found) data = { start: valueAt, end: valueEnd };
    at = skipBlank(text, valueEnd);
    if (text[at] === CLOSE_OBJECT) break;
    if (text[at] !== COMMA) return { end: fail(scan, at) };
    at = skipBlank(text, at + 1);
  }
  const end = at + 1;
  if (!isType(type)) return { end, fault: NO_TYPE };
  if (!isTimestamp(timestamp)) return { end, fault: NO_TIMESTAMP };
  found?.({ type, timestamp, data, start, end });
  return { end };
}

/** Which of the names that count lies here, quotes included, if one does. */
function nameOf(text: Uint8Array, start: number, end: number): "type" | "timestamp" | "data" | null {
  const length = end - start - 2;
  if (length === TYPE.length && isText(text, start + 1, TYPE)) return "type";
  if (length === TIMESTAMP.length && isText(text, start + 1, TIMESTAMP)) return "timestamp";
  if (length === DATA.length && isText(text, start + 1, DATA)) return "data";
  // Each may be written with escapes, which are longer than what they stand for.
  if (length < 9 || text.subarray(start, end).indexOf(BACKSLASH) < 0) return null;
  const name: unknown = JSON.parse(decoder.decode(text.subarray(start, end)));
  return name === "type" || name === "timestamp" || name === "data" ? name : null;
}

function isType(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

function isTimestamp(value: number): boolean {
  return value >= 0 && value <= TIMESTAMP_MS_MAX;
}

/** NaN where the value is no number. */
function numberOf(text: Uint8Array, start: number, end: number): number {
  if (end - start > 15) return slowNumberOf(text, start, end);
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (text[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return slowNumberOf(text, start, end);
    value = value * 10 + digit;
  }
  return value;
}

function slowNumberOf(text: Uint8Array, start: number, end: number): number {
  const first = text[start] as number;
  if (first !== MINUS && !isDigit(first)) return Number.NaN;
  return Number(decoder.decode(text.subarray(start, end)));
}
