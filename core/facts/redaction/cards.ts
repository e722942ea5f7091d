/**
 * Card numbers in a text: by issuer, length, check digit (ISO/IEC 7812-1, Luhn), how their digits are grouped, and what
 * stands beside them. All of it, so that what merely has many digits stays: times, ids, telephone numbers, barcodes.
 *
 * No number of 13 digits is one: Visa has issued none for decades, while milliseconds, EAN-13 barcodes and telephone
 * numbers have 13.
 */
import type { Finding } from "./finding.ts";

interface Issuer {
  /** First digits, inclusive, all of one length. */
  from: number;
  to: number;
  lengths: readonly number[];
}

const LONG = [16, 17, 18, 19];
const issuer = (from: number, to: number, lengths: readonly number[]): Issuer => ({ from, to, lengths });

const ISSUERS: readonly Issuer[] = [
  issuer(4, 4, [16, 19]), // Visa
  issuer(51, 55, [16]), // Mastercard
  issuer(2221, 2720, [16]),
  issuer(34, 34, [15]), // American Express
  issuer(37, 37, [15]),
  issuer(6011, 6011, LONG), // Discover
  issuer(644, 649, LONG),
  issuer(65, 65, LONG),
  issuer(3528, 3589, LONG), // JCB
  issuer(1800, 1800, [15]),
  issuer(2131, 2131, [15]),
  issuer(300, 305, [14, 16]), // Diners Club
  issuer(3095, 3095, [14, 16]),
  issuer(36, 36, [14, 16]),
  issuer(38, 39, [14, 16]),
  issuer(62, 62, LONG), // UnionPay
  issuer(81, 81, LONG),
  issuer(5018, 5018, LONG), // Maestro
  issuer(5020, 5020, LONG),
  issuer(5038, 5038, LONG),
  issuer(5893, 5893, LONG),
  issuer(6304, 6304, LONG),
  issuer(6759, 6759, LONG),
  issuer(6761, 6763, LONG),
  issuer(2200, 2204, LONG), // Mir
  issuer(60, 60, [16]), // RuPay
  issuer(82, 82, [16]),
  issuer(508, 508, [16]),
  issuer(9792, 9792, [16]), // Troy
];

export const CARD_DIGITS_MIN = 14;
export const CARD_DIGITS_MAX = 19;

/** @param digits ASCII digits and nothing else */
export function isCard(digits: string): boolean {
  return issuersOf(digits).some(({ lengths }) => lengths.includes(digits.length)) && luhn(digits);
}

function issuersOf(digits: string): Issuer[] {
  return ISSUERS.filter(({ from, to }) => {
    const prefix = Number(digits.slice(0, String(from).length));
    return prefix >= from && prefix <= to;
  });
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let value = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    if (i % 2 === 1) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 === 0;
}

/** How many digits stand together: as printed on cards, and as forms group what is typed. The longer of two comes first. */
const GROUPINGS: readonly (readonly number[])[] = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
  [4, 4, 4, 3],
  [4, 4, 4, 2],
  [6, 13],
  [8, 8],
];
const FIRST_GROUPS = new Set(GROUPINGS.map(([first]) => first as number));

/** Blanks of all widths, hyphens, and the plus that a form's encoding has for a blank. */
const SEPARATOR = /^(?:\ufdd0+|[ \-+\t\u00a0\u2000-\u200b\u2010-\u2013\u202f\u205f\u3000]{1,2})$/;
/** Longest that a separator is written: `%E2%80%89`. */
const SEPARATOR_LENGTH_MAX = 9;

/** A run of digits. */
interface Group {
  start: number;
  end: number;
}

export function findCards(text: string): Finding[] {
  const plain = withoutEscapes(text);
  const groups: Group[] = [];
  for (const { index, 0: digits } of plain.matchAll(/[0-9]+/g)) {
    groups.push({ start: index, end: index + digits.length });
  }
  const found: Finding[] = [];
  for (let at = 0; at < groups.length; ) {
    const cells = cardAt(plain, groups, at);
    if (cells) found.push({ rule: "card", cells: cells.map(({ start, end }) => [start, end]) });
    at += cells?.length ?? 1;
  }
  return found;
}

function cardAt(plain: string, groups: readonly Group[], at: number): Group[] | null {
  const first = groups[at] as Group;
  const length = first.end - first.start;
  if (length < CARD_DIGITS_MIN && !FIRST_GROUPS.has(length)) return null;
  if (!isOpenBefore(plain, first.start)) return null;
  if (length >= CARD_DIGITS_MIN) {
    const alone = length <= CARD_DIGITS_MAX && isOpenAfter(plain, first.end);
    return alone && isCard(plain.slice(first.start, first.end)) ? [first] : null;
  }
  for (const grouping of GROUPINGS) {
    if (!haveLengths(groups, at, grouping)) continue;
    const cells = groups.slice(at, at + grouping.length);
    if (isGrouped(plain, cells) && isCard(cells.map(({ start, end }) => plain.slice(start, end)).join(""))) {
      return cells;
    }
  }
  return null;
}

/** By lengths alone, before anything is cut out of the text: most groups of digits are no card's. */
function haveLengths(groups: readonly Group[], at: number, grouping: readonly number[]): boolean {
  for (const [i, length] of grouping.entries()) {
    const group = groups[at + i];
    if (!group || group.end - group.start !== length) return false;
  }
  return true;
}

function isGrouped(plain: string, cells: readonly Group[]): boolean {
  const [first, second] = cells as [Group, Group];
  const last = cells.at(-1) as Group;
  const separator = plain.slice(first.end, second.start);
  if (separator.length > SEPARATOR_LENGTH_MAX || !SEPARATOR.test(separator)) return false;
  const isSame = cells.every(({ start }, i) => i === 0 || plain.slice(cells[i - 1]?.end, start) === separator);
  if (!isSame || !isOpenAfter(plain, last.end)) return false;
  if (/[A-Z]{2}[0-9]{2}[ \u00a0]$/.test(plain.slice(Math.max(0, first.start - 5), first.start))) return false; // an IBAN
  return separator !== "-" || !isPartOfId(plain, first.start, last.end);
}

/** Whether more of the same stands before or behind, joined by a hyphen, as in serial numbers. A security code may. */
function isPartOfId(plain: string, start: number, end: number): boolean {
  const before = /([A-Za-z0-9]+)-$/.exec(plain.slice(Math.max(0, start - 40), start))?.[1] ?? "";
  const behind = /^-([A-Za-z0-9]+)/.exec(plain.slice(end, end + 40))?.[1] ?? "";
  return /[0-9]/.test(before) || (/[0-9]/.test(behind) && !/^[0-9]{1,4}$/.test(behind));
}

/** Letters and digits beside it make it part of an id; a point and a digit, of a fraction. */
function isOpenBefore(plain: string, start: number): boolean {
  return !/(?:[A-Za-z0-9_]|[0-9]\.)$/.test(plain.slice(Math.max(0, start - 2), start));
}

function isOpenAfter(plain: string, end: number): boolean {
  return !/^(?:[A-Za-z0-9_]|\.[0-9])/.test(plain.slice(end, end + 2));
}

/** Stand for what is written as an escape; no text has these (Unicode's noncharacters). */
const BLANK = "\ufdd0";
const OTHER = "\ufdd1";

/** Ways of writing a character within a text: of an address, of JSON or a script in a string, of HTML. */
const ESCAPES = /(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}|\\[bfnrtv]|&#?[0-9A-Za-z]{2,8};/g;
const BLANK_ESCAPES =
  /^(?:%20|%2[Dd]|%2[Bb]|%09|%[Cc]2%[Aa]0|%[Ee]2%80%[0-9A-Fa-f]{2}|\\u00[Aa]0|\\u20[0-3][0-9A-Fa-f]|\\t|&nbsp;|&#160;|&#32;|&#[xX][Aa]0;|&thinsp;|&ensp;|&emsp;)$/;

/**
 * The same text, each unit at its place: an escape's own letters and digits are no part of a number, one that stands for
 * a blank separates, and fullwidth digits (U+FF10 to U+FF19) are digits.
 */
function withoutEscapes(text: string): string {
  let plain = text;
  if (/[%\\&]/.test(plain)) {
    plain = plain.replace(ESCAPES, (written) => (BLANK_ESCAPES.test(written) ? BLANK : OTHER).repeat(written.length));
  }
  return plain.replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xff10 + 0x30));
}

/**
 * Whether this is what a field shows while a card number is typed into it: digits and separators alone, grouped in fours
 * from the tenth digit on, or 14 and more in a row, by a prefix of which there are longer numbers. With all but its check
 * digit a number is told: so this is hidden where it can only be a field's value, before the number is whole.
 */
export function findTypedCard(text: string): Finding[] {
  const plain = withoutEscapes(text).trim();
  if (!/^[0-9][0-9 \-\u00a0\u2009\u202f]{9,24}$/.test(plain)) return [];
  const groups = plain.match(/[0-9]+/g) ?? [];
  const digits = groups.join("");
  const isTyped =
    groups.length > 1
      ? digits.length >= 10 &&
        groups.every((group, i) => (i < groups.length - 1 ? group.length === 4 : group.length <= 4))
      : digits.length >= CARD_DIGITS_MIN;
  const isUnfinished = issuersOf(digits).some(({ lengths }) => Math.max(...lengths) > digits.length);
  return isTyped && isUnfinished ? [digitsOf(text)] : [];
}

/** All digits of a text that is known to be a card number, or its beginning. */
export function digitsOf(text: string): Finding {
  const cells = [...text.matchAll(/[0-9\uff10-\uff19]+/g)].map(({ index, 0: digits }): [number, number] => [
    index,
    index + digits.length,
  ]);
  return { rule: "card", cells };
}

/** The digits of a text in ASCII, and nothing else of it. */
export function digitsIn(text: string): string {
  return withoutEscapes(text).replace(/[^0-9]/g, "");
}
