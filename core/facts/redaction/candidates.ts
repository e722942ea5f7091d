/**
 * Whether a rule could find something in the bytes of an event. Nearly no event holds a candidate, and this is all that
 * is done about the others: so it skips through the bytes instead of reading them.
 *
 * It may say yes in vain, never no in vain: redact.test.ts holds it against reading everything.
 */
import { CARD_DIGITS_MAX, CARD_DIGITS_MIN, isCard } from "./cards.ts";

const ZERO = 0x30;
const NINE = 0x39;
/** The first byte of U+F000 to U+FFFF in UTF-8. */
const FULLWIDTH = 0xef;
const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const POINT = 0x2e;
const QUOTE = 0x22;
const COLON = 0x3a;
const LETTER_T = 0x74;
const LETTER_U = 0x75;

/**
 * A number of 14 digits in a row, or in groups of which the first two have four or more: wherever it lies, of any four
 * bytes in a row of its first group one is looked at here. Where each group is a text node of its own, so is one of each.
 */
export function mayHoldCard(text: Buffer, start: number, end: number): boolean {
  let isSplitSeen = false;
  for (let at = start + 3; at < end; at += 4) {
    const byte = text[at] as number;
    if ((byte - ZERO) >>> 0 > 9 && byte !== FULLWIDTH) continue; // one comparison for both ends
    if (byte === FULLWIDTH) {
      if (isFullwidthDigit(text, at)) return true;
      continue;
    }
    let from = at - 1;
    while (isDigit(text[from] as number)) from--; // an event begins and ends with no digit
    from++;
    let to = at + 1;
    while (isDigit(text[to] as number)) to++;
    if (to - from >= 4 ? mayBegin(text, from, to, end) : isEscapedFullwidth(text, from)) return true;
    if (!isSplitSeen && isGroupAlone(text, from, to)) {
      if (mayHoldSplitCard(text, start, end)) return true;
      isSplitSeen = true;
    }
    at = to;
  }
  return false;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** U+FF10 to U+FF19 in UTF-8. */
function isFullwidthDigit(text: Uint8Array, at: number): boolean {
  const last = text[at + 2] as number;
  return text[at + 1] === 0xbc && last >= 0x90 && last <= 0x99;
}

/** `\uff14` */
function isEscapedFullwidth(text: Uint8Array, from: number): boolean {
  const isF = (byte: number | undefined) => byte === 0x66 || byte === 0x46;
  return isF(text[from - 1]) && isF(text[from - 2]) && text[from - 3] === LETTER_U;
}

/** @param from where a run of at least four digits begins, and @param to where it ends */
function mayBegin(text: Uint8Array, from: number, to: number, end: number): boolean {
  // A digit that is written as an escape.
  if (text[from - 1] === LETTER_U && text[from] === ZERO && text[from + 1] === ZERO) return true;
  const length = to - from;
  const isBehindEscape = isEscape(text, from);
  if (length >= CARD_DIGITS_MIN) {
    if (isBehindEscape) return true;
    if (text[from - 1] === POINT && isDigit(text[from - 2] as number)) return false;
    return length <= CARD_DIGITS_MAX && isCard(latin1(text, from, to));
  }
  if (length !== 4 && length !== 6 && length !== 8 && !isBehindEscape) return false;
  const next = separatorEnd(text, to);
  if (next === to || next >= end) return false;
  for (let at = next; at < next + 4; at++) if (!isDigit(text[at] as number)) return text[at] === BACKSLASH;
  return true;
}

/** Whether some of the digits may be an escape's own: `%C2%A04111`, `\u20094111`. */
function isEscape(text: Uint8Array, from: number): boolean {
  for (let at = from - 1; at >= from - 4; at--) if (text[at] === PERCENT || text[at] === LETTER_U) return true;
  return false;
}

function latin1(text: Uint8Array, from: number, to: number): string {
  let digits = "";
  for (let at = from; at < to; at++) digits += String.fromCharCode(text[at] as number);
  return digits;
}

/** Where what may separate two groups of digits ends; `at` itself where there is nothing such. */
function separatorEnd(text: Uint8Array, at: number): number {
  const byte = text[at] as number;
  if (byte === 0x20 || byte === 0x2d || byte === 0x2b) return text[at + 1] === byte ? at + 2 : at + 1;
  if (byte === PERCENT) {
    while (text[at] === PERCENT) at += 3;
    return at;
  }
  if (byte === 0xc2 && text[at + 1] === 0xa0) return afterSame(text, at, 2);
  if (byte === 0xe2 && ((text[at + 1] as number) === 0x80 || text[at + 1] === 0x81)) return afterSame(text, at, 3);
  if (byte === 0xe3 && text[at + 1] === 0x80) return afterSame(text, at, 3);
  if (byte === BACKSLASH) return afterEscapes(text, at);
  if (byte === 0x26) {
    for (let to = at + 3; to <= at + 9; to++) if (text[to] === 0x3b) return to + 1;
  }
  return at;
}

function afterSame(text: Uint8Array, at: number, length: number): number {
  return text[at + length] === text[at] ? at + 2 * length : at + length;
}

/** Of JSON, and of JSON within JSON: `\u00a0`, `\\u00a0`, `\t`, `\\t`. */
function afterEscapes(text: Uint8Array, at: number): number {
  while (text[at] === BACKSLASH) {
    while (text[at] === BACKSLASH) at++;
    at += text[at] === LETTER_U ? 5 : 1;
  }
  return at;
}

/** Four or six digits that are all of a text node: a group of a card number, but for the last. */
function isGroupAlone(text: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 4 && to - from !== 6) return false;
  return text[to] === QUOTE && text[from - 1] === QUOTE && text[from - 2] === COLON && text[from - 4] === LETTER_T;
}

const TEXT_CONTENT = Buffer.from('"textContent":"');
/** No shorter event has so many text nodes. */
const SPLIT_BYTES_MIN = 256;

/**
 * Whether text nodes that hold nothing but a few digits have as many together as a card: how it is drawn that each group
 * has an element of its own.
 */
function mayHoldSplitCard(text: Buffer, start: number, end: number): boolean {
  if (end - start < SPLIT_BYTES_MIN) return false;
  const event = text.subarray(start, end);
  let digits = 0;
  let pause = 0;
  for (let at = event.indexOf(TEXT_CONTENT); at !== -1; at = event.indexOf(TEXT_CONTENT, at)) {
    at += TEXT_CONTENT.length;
    let to = at;
    while (isDigit(event[to] as number)) to++;
    const isDigits = event[to] === QUOTE && to > at && to - at <= 6;
    if (isDigits) {
      digits += to - at;
      pause = 0;
      if (digits >= CARD_DIGITS_MIN) return true;
    } else if (digits > 0 && ++pause > 3) digits = 0;
  }
  return false;
}
