/**
 * Checks a batch in its bytes, in one pass that builds nothing of its events: JSON.parse and zod over them took half of a
 * request's time, and several times the body's size in memory. What passes is JSON (RFC 8259) as JSON.parse takes it, whose
 * `events` are what `RrwebEvent` (protocol/event.ts) takes; scan-batch.test.ts holds this against the two.
 *
 * Each `skip…` goes from the first byte of a thing to just after its last and returns where that is, or -1 where it is no
 * such thing: then `scan.failedAt` says where.
 */
import { isUtf8 } from "node:buffer";
import type { Slice } from "#protocol/json-scan.ts";
import { JSON_DEPTH_MAX, TIMESTAMP_MS_MAX } from "#protocol/limits.ts";

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
  /** JSON, and not what it should be. `path` as zod would say it: `events.3.type`. */
  | { kind: "no_batch"; path: string; message: string };

type Fault = { path: string; message: string };
/** `end` is exclusive, or -1 where it is no JSON. */
type ScannedEvents = { end: number; fault: Fault | null };

interface Scan {
  ascii: boolean;
  tooDeep: boolean;
  failedAt: number;
  /** Of the containers that are open below an event's members: 1 an object, 0 an array. */
  open: Uint8Array;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const TO_LOWER_CASE = 0x20;

/** An event's members lie in the body, in `events`, and in the event. */
const DEPTH_OF_MEMBERS = 3;

/** Of each byte inside a string whether to look at it. Those beyond ASCII are ordinary, and noted. */
const IS_SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH || byte >= 0x80 ? 1 : 0,
);
const IS_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x30 && byte <= 0x39 ? 1 : 0));
/** Of each byte whether it ends a whole number. */
const IS_AFTER_NUMBER = Uint8Array.from({ length: 256 }, (_, byte) =>
  [...",]} \n\r\t"].some((char) => char.charCodeAt(0) === byte) ? 1 : 0,
);
const IS_ESCAPED = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)));
const asBytes = (word: string) => Uint8Array.from(word, (char) => char.charCodeAt(0));
const LITERALS = ["true", "false", "null"].map(asBytes);
const TYPE = asBytes("type");
const TIMESTAMP = asBytes("timestamp");
const EVENTS = asBytes("events");
const NOTHING_OPEN = new Uint8Array(0);
const decoder = new TextDecoder();

export function scanBatch(text: Uint8Array): ScannedBatch {
  const scan: Scan = { ascii: true, tooDeep: false, failedAt: 0, open: new Uint8Array(JSON_DEPTH_MAX) };
  /** Each `events` that there is; of a name that comes twice the last counts, as JSON.parse has it. */
  const found: (Slice & { fault: Fault | null })[] = [];
  const end = scanMembers(text, scan, found);
  if (end < 0) return scan.tooDeep ? { kind: "too_deep" } : { kind: "no_json", at: scan.failedAt };
  if (!scan.ascii && !isUtf8(text)) return { kind: "no_utf8" };
  const events = found.at(-1);
  if (!events) return { kind: "no_batch", path: "events", message: "expected an array of rrweb events" };
  if (events.fault) return { kind: "no_batch", ...events.fault };
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

function scanMembers(text: Uint8Array, scan: Scan, found: (Slice & { fault: Fault | null })[]): number {
  let at = skipBlank(text, 0);
  if (text[at] !== OPEN_OBJECT) return skipWhole(text, at, scan);
  at = skipBlank(text, at + 1);
  if (text[at] === CLOSE_OBJECT) return expectEnd(text, at + 1, scan);
  for (;;) {
    const nameAt = at;
    at = skipName(text, nameAt, scan);
    if (at < 0) return at;
    if (isNamedEvents(text, nameAt)) {
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

function scanEvents(text: Uint8Array, start: number, scan: Scan): ScannedEvents {
  if (text[start] !== OPEN_ARRAY) return { end: skipValue(text, start, scan), fault: NO_ARRAY };
  let at = skipBlank(text, start + 1);
  if (text[at] === CLOSE_ARRAY) return { end: at + 1, fault: NO_EVENT };
  // What is no event is said only once the whole is known to be JSON.
  let fault: Fault | null = null;
  for (let index = 0; ; index++) {
    const event = scanEvent(text, at, scan);
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

function scanEvent(text: Uint8Array, start: number, scan: Scan): { end: number; fault?: typeof NO_OBJECT } {
  if (text[start] !== OPEN_OBJECT) return { end: skipValue(text, start, scan), fault: NO_OBJECT };
  let at = skipBlank(text, start + 1);
  if (text[at] === CLOSE_OBJECT) return { end: at + 1, fault: NO_TYPE };
  let hasType = false;
  let hasTimestamp = false;
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
    if (name === "type") hasType = isType(numberOf(text, valueAt, valueEnd));
    else if (name === "timestamp") hasTimestamp = isTimestamp(numberOf(text, valueAt, valueEnd));
    at = skipBlank(text, valueEnd);
    if (text[at] === CLOSE_OBJECT) break;
    if (text[at] !== COMMA) return { end: fail(scan, at) };
    at = skipBlank(text, at + 1);
  }
  const end = at + 1;
  if (!hasType) return { end, fault: NO_TYPE };
  return hasTimestamp ? { end } : { end, fault: NO_TIMESTAMP };
}

/** Whether the member whose name begins here is `events`, be it written with escapes. */
function isNamedEvents(text: Uint8Array, start: number): boolean {
  if (isText(text, start + 1, EVENTS)) return text[start + 1 + EVENTS.length] === QUOTE;
  const end = skipRestOfString(text, start + 1, { ascii: true, tooDeep: false, failedAt: 0, open: NOTHING_OPEN });
  const name = text.subarray(start, end);
  return name.indexOf(BACKSLASH) >= 0 && JSON.parse(decoder.decode(name)) === "events";
}

/** Which of the two names that count lies here, quotes included, if one does. */
function nameOf(text: Uint8Array, start: number, end: number): "type" | "timestamp" | null {
  const length = end - start - 2;
  if (length === TYPE.length && isText(text, start + 1, TYPE)) return "type";
  if (length === TIMESTAMP.length && isText(text, start + 1, TIMESTAMP)) return "timestamp";
  // Each may be written with escapes, which are longer than what they stand for.
  if (length < 9 || text.subarray(start, end).indexOf(BACKSLASH) < 0) return null;
  const name: unknown = JSON.parse(decoder.decode(text.subarray(start, end)));
  return name === "type" || name === "timestamp" ? name : null;
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

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipBlank(text: Uint8Array, start: number): number {
  let at = start;
  while (isBlank(text[at])) at++;
  return at;
}

/** Any value. Strings and whole numbers, the bulk of a recording, are gone through in place: calls are what costs here. */
function skipValue(text: Uint8Array, start: number, scan: Scan): number {
  const { open } = scan;
  let at = start;
  let depth = 0;
  for (;;) {
    const byte = text[at] as number;
    if (byte === QUOTE) {
      at++;
      while (IS_SPECIAL[text[at] as number] === 0) at++;
      if (text[at] === QUOTE) at++;
      else at = skipRestOfString(text, at, scan);
      if (at < 0) return at;
    } else if (byte > ZERO && byte <= NINE) {
      at++;
      while (IS_DIGIT[text[at] as number] === 1) at++;
      if (IS_AFTER_NUMBER[text[at] as number] !== 1) at = skipNumber(text, at, scan);
      if (at < 0) return at;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (DEPTH_OF_MEMBERS + depth >= JSON_DEPTH_MAX) {
        scan.tooDeep = true;
        return fail(scan, at);
      }
      at++;
      if (isBlank(text[at])) at = skipBlank(text, at);
      const isObject = byte === OPEN_OBJECT;
      if (text[at] !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        open[depth++] = isObject ? 1 : 0;
        if (isObject) at = skipName(text, at, scan);
        if (at < 0) return at;
        continue;
      }
      at++;
    } else {
      at = byte === MINUS || byte === ZERO ? skipNumber(text, at, scan) : skipLiteral(text, at, scan);
      if (at < 0) return at;
    }
    // A value has ended, and with it perhaps what it lies in.
    for (;;) {
      if (depth === 0) return at;
      if (isBlank(text[at])) at = skipBlank(text, at);
      const isObject = open[depth - 1] === 1;
      if (text[at] === COMMA) {
        at++;
        if (isBlank(text[at])) at = skipBlank(text, at);
        if (isObject) at = skipName(text, at, scan);
        if (at < 0) return at;
        break;
      }
      if (text[at] !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return fail(scan, at);
      at++;
      depth--;
    }
  }
}

/** A member's name and its colon, up to its value. */
function skipName(text: Uint8Array, start: number, scan: Scan): number {
  if (text[start] !== QUOTE) return fail(scan, start);
  let at = start + 1;
  while (IS_SPECIAL[text[at] as number] === 0) at++;
  if (text[at] === QUOTE) at++;
  else at = skipRestOfString(text, at, scan);
  if (at < 0) return at;
  if (text[at] !== COLON) {
    at = skipBlank(text, at);
    if (text[at] !== COLON) return fail(scan, at);
  }
  at++;
  return isBlank(text[at]) ? skipBlank(text, at) : at;
}

/** From anywhere inside a string to just after its closing quote. */
function skipRestOfString(text: Uint8Array, start: number, scan: Scan): number {
  let at = start;
  for (;;) {
    while (IS_SPECIAL[text[at] as number] === 0) at++;
    const byte = text[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte >= 0x80) {
      scan.ascii = false;
      at++;
    } else if (byte === BACKSLASH) {
      const escaped = text[at + 1] ?? 0;
      if (escaped === LOWER_U) {
        for (let i = 2; i < 6; i++) if (!isHex(text[at + i] ?? 0)) return fail(scan, at);
        at += 6;
      } else {
        if (!IS_ESCAPED.has(escaped)) return fail(scan, at);
        at += 2;
      }
    } else {
      return fail(scan, at);
    }
  }
}

/** @param digit any place in the number's whole part, or its sign */
function skipNumber(text: Uint8Array, digit: number, scan: Scan): number {
  let start = digit;
  while (isDigit(text[start - 1] ?? 0)) start--;
  let at = text[start] === MINUS ? start + 1 : start;
  const whole = at;
  at = skipDigits(text, at);
  if (at === whole || (text[whole] === ZERO && at > whole + 1)) return fail(scan, at);
  if (text[at] === DOT) {
    const fraction = at + 1;
    at = skipDigits(text, fraction);
    if (at === fraction) return fail(scan, at);
  }
  if (((text[at] ?? 0) | TO_LOWER_CASE) === LOWER_E) {
    const sign = text[at + 1];
    const exponent = sign === MINUS || sign === 0x2b ? at + 2 : at + 1;
    at = skipDigits(text, exponent);
    if (at === exponent) return fail(scan, at);
  }
  return at;
}

function skipDigits(text: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(text[at] ?? 0)) at++;
  return at;
}

function skipLiteral(text: Uint8Array, start: number, scan: Scan): number {
  for (const word of LITERALS) if (isText(text, start, word)) return start + word.length;
  return fail(scan, start);
}

function isText(text: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (text[start + i] !== word[i]) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isHex(byte: number): boolean {
  const lower = byte | TO_LOWER_CASE;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

function fail(scan: Scan, at: number): -1 {
  scan.failedAt = at;
  return -1;
}
