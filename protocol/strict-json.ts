/**
 * Goes through JSON in its bytes and builds nothing: what passes is JSON (RFC 8259) as JSON.parse takes it.
 *
 * Each `skip…` goes from the first byte of a thing to just after its last and returns where that is, or -1 where it is no
 * such thing: then `scan.failedAt` says where. That strings are UTF-8 is the caller's to check, where `scan.ascii` is false.
 */
import { JSON_DEPTH_MAX } from "./limits.ts";

export interface Scan {
  ascii: boolean;
  tooDeep: boolean;
  failedAt: number;
}

export function newScan(): Scan {
  return { ascii: true, tooDeep: false, failedAt: 0 };
}

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
const DOT = 0x2e;
export const ZERO = 0x30;
const NINE = 0x39;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_ARRAY = 0x5d;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
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
export const asBytes = (word: string) => Uint8Array.from(word, (char) => char.charCodeAt(0));
const LITERALS = ["true", "false", "null"].map(asBytes);

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function skipBlank(text: Uint8Array, start: number): number {
  let at = start;
  while (isBlank(text[at])) at++;
  return at;
}

/** Of the containers that are open where `skipValue` is: 1 an object, 0 an array. */
const open = new Uint8Array(JSON_DEPTH_MAX);

/** Any value. Strings and whole numbers, the bulk of a recording, are gone through in place: calls are what costs here. */
export function skipValue(text: Uint8Array, start: number, scan: Scan): number {
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
export function skipName(text: Uint8Array, start: number, scan: Scan): number {
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
export function skipRestOfString(text: Uint8Array, start: number, scan: Scan): number {
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

export function isText(text: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (text[start + i] !== word[i]) return false;
  return true;
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isHex(byte: number): boolean {
  const lower = byte | TO_LOWER_CASE;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

export function fail(scan: Scan, at: number): -1 {
  scan.failedAt = at;
  return -1;
}
