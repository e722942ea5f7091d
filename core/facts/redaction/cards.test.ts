import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCards, findTypedCard } from "./cards.ts";
import { maskChar } from "./finding.ts";

const redacted = (text: string) => {
  const units = text.split("");
  for (const { cells } of findCards(text)) {
    for (const [start, end] of cells) for (let at = start; at < end; at++) units[at] = maskChar(units[at] as string);
  }
  return units.join("");
};

/** Test numbers that the networks and their processors publish. */
const NUMBERS = {
  Visa: "4111111111111111",
  "Visa of 19": "4000000000000000006",
  Mastercard: "5555555555554444",
  "Mastercard, 2-series": "2223003122003222",
  "American Express": "378282246310005",
  Discover: "6011111111111117",
  "Diners Club": "30569309025904",
  "Diners Club of 16": "3600000000000008",
  JCB: "3530111333300000",
  UnionPay: "6200000000000005",
  "UnionPay of 19": "6205500000000000004",
  Maestro: "6759649826438453",
  RuPay: "6074820000000009",
  Mir: "2200000000000004",
};

describe("a card number", () => {
  it.each(Object.entries(NUMBERS))("of %s becomes unreadable, in a row", (_, number) => {
    expect(redacted(`Pay with ${number}, please`)).toBe(`Pay with ${"*".repeat(number.length)}, please`);
  });

  it.each([
    ["by blanks", "4111 1111 1111 1111", "**** **** **** ****"],
    ["by hyphens", "5555-5555-5555-4444", "****-****-****-****"],
    ["as on an American Express card", "3782 822463 10005", "**** ****** *****"],
    ["in fours, whatever the card", "3782 8224 6310 005", "**** **** **** ***"],
    ["as on a Diners Club card", "3056 930902 5904", "**** ****** ****"],
    ["to nineteen", "6205 5000 0000 0000 004", "**** **** **** **** ***"],
    ["by no-break spaces", "4111\u00a01111\u00a01111\u00a01111", "****\u00a0****\u00a0****\u00a0****"],
    ["by thin spaces", "4111\u20091111\u20091111\u20091111", "****\u2009****\u2009****\u2009****"],
    ["by two blanks", "4111  1111  1111  1111", "****  ****  ****  ****"],
    ["by the dash of a word processor", "4111‑1111‑1111‑1111", "****‑****‑****‑****"],
    ["in an address, by a plus", "?card=4111+1111+1111+1111&x=1", "?card=****+****+****+****&x=1"],
    ["in an address, by escapes", "?card=4111%201111%201111%201111", "?card=****%20****%20****%20****"],
    ["in HTML, by entities", "<b>4111&nbsp;1111&nbsp;1111&nbsp;1111</b>", "<b>****&nbsp;****&nbsp;****&nbsp;****</b>"],
  ])("may be grouped %s", (_, written, expected) => {
    expect(redacted(written)).toBe(expected);
  });

  it.each([
    ["before its security code", "4111 1111 1111 1111 123", "**** **** **** **** 123"],
    ["before its month", "4111 1111 1111 1111 12/29", "**** **** **** **** 12/29"],
    ["after a number of a list", "1 4111 1111 1111 1111", "1 **** **** **** ****"],
    ["twice", "4111111111111111 5555555555554444", "**************** ****************"],
    ["behind an escape of an address", "next=%3Fcard%3D4111111111111111%26a", "next=%3Fcard%3D****************%26a"],
    ["behind an escaped blank", "q=a%204111111111111111", "q=a%20****************"],
    [
      "behind a line break in JSON in a text",
      String.raw`{"a":"card\n4111111111111111"}`,
      String.raw`{"a":"card\n****************"}`,
    ],
    ["in Chinese, which has no blanks", "卡号4111111111111111。", "卡号****************。"],
    ["as a number in JSON in a text", '{"pan":4111111111111111}', '{"pan":****************}'],
    ["in fullwidth digits", "４１１１１１１１１１１１１１１１", "*".repeat(16)],
    ["at the end of a sentence", "It is 4111111111111111.", "It is ****************."],
  ])("may stand %s", (_, written, expected) => {
    expect(redacted(written)).toBe(expected);
  });
});

describe("no card number is", () => {
  const TIMESTAMP = "1732534567893";

  it("a time, though its digits check", () => {
    let sum = 0;
    for (const [i, digit] of [...TIMESTAMP].reverse().entries()) {
      const doubled = Number(digit) * (1 + (i % 2));
      sum += doubled > 9 ? doubled - 9 : doubled;
    }
    expect(sum % 10).toBe(0);
    expect(redacted(TIMESTAMP)).toBe(TIMESTAMP);
  });

  it("any time in ms, nor one until 2033 in s, µs or ns", () => {
    const seconds = fc.integer({ min: 1_000_000_000, max: 1_999_999_999 }).map(String);
    const digits = (length: number) => fc.nat(10 ** length - 1).map((n) => String(n).padStart(length, "0"));
    const fraction = fc.oneof(fc.constant(""), digits(3), digits(6), digits(9));
    fc.assert(
      fc.property(fc.tuple(seconds, fraction), ([whole, rest]) => {
        expect(redacted(`at ${whole}${rest}`)).toBe(`at ${whole}${rest}`);
      }),
    );
    fc.assert(
      fc.property(digits(13), (ms) => redacted(ms) === ms),
      { numRuns: 500 },
    );
  });

  it.each([
    ["a number whose check digit is wrong", "4111111111111112"],
    ["a number of nobody who issues cards", "9111111111111111"],
    ["the old Visa number of 13, which barcodes look like", "4222222222222"],
    ["part of a longer number", "41111111111111110000"],
    ["part of an id", "id_4111111111111111"],
    ["part of an id behind", "4111111111111111a"],
    ["part of hexadecimal digits", "a4111111111111111f"],
    ["part of a UUID", "41111111-1111-4111-8111-111111111111"],
    ["part of a serial number", "AB12-4111-1111-1111-1111"],
    ["a fraction", "0.4111111111111111"],
    ["a whole number with a fraction", "4111111111111111.5"],
    ["part of an IBAN", "DE68 4111 1111 1111 1111 00"],
    ["grouped otherwise", "41 11 11 11 11 11 11 11"],
    ["grouped by different characters", "4111 1111-1111 1111"],
    ["a telephone number", "+49 4111 1111 11 11"],
    ["the coordinates of a drawing", "M4111 1111L1111 1111"],
  ])("%s", (_, text) => {
    expect(redacted(text)).toBe(text);
  });
});

describe("what is typed into a field", () => {
  it.each(["4111 1111 1111 111", "4111-1111-11", "41111111111111", "3782 8224 63"])(
    "is hidden before it is whole: %s",
    (text) => {
      expect(findTypedCard(text)).toHaveLength(1);
    },
  );

  it.each([
    "4111",
    "4915112345678",
    "030 123456",
    "2026-11-26",
    "4111 1111",
    "1732534567894",
    "10.5",
    "12345678901234",
  ])("is left where it is no beginning of one: %s", (text) => {
    expect(findTypedCard(text)).toEqual([]);
  });
});
