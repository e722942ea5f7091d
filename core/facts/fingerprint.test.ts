import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprint, normalMessage } from "./fingerprint.ts";

const of = (message: string, ...stack: string[]) => fingerprint({ name: "TypeError", message, stack });

/** The stack of a bug in a shop's checkout, as a build has it. */
const stack = (build: string, line: number, column: number, host = "https://shop.example") => [
  `pay (${host}/assets/checkout-${build}.js:${line}:${column})`,
  `async HTMLFormElement.submit (${host}/assets/index-${build}.js?v=${line}:${line + 7}:${column})`,
  `i (${host}/node_modules/.vite/deps/react-dom.js:${line}:11)`,
];

const hash = fc.constantFrom("DiwrgTda", "Bx-12_aZ", "4f9a01c2", "a1b2c3d4e5f60718", "7UQ2KXNA");
const number = fc.integer({ min: 1, max: 100_000 });

describe("the fingerprint of an error", () => {
  it("is the same in each build, at each line and on each host", () => {
    const expected = of("x is not a function", ...stack("DiwrgTda", 1, 1));
    fc.assert(
      fc.property(
        hash,
        number,
        number,
        fc.constantFrom("https://shop.example", "https://cdn.example:8443"),
        (...at) => {
          expect(of("x is not a function", ...stack(...at))).toBe(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is the same whatever order, person, time or amount the message names", () => {
    const expected = of("Order 1 of ada@example.com failed after 12.5 ms: https://a.example/x");
    const who = fc.constantFrom("a@b.co", "x.y+z@mail.example.co.uk", "42@example.com");
    const where = fc.constantFrom("http://b.example", "https://b.example:8443/y/9?z=1#w", "wss://c.example/");
    fc.assert(
      fc.property(fc.nat(), who, fc.nat(1e7), where, (order, email, ms, url) => {
        expect(of(`Order ${order} of ${email} failed after ${(ms / 100).toFixed(2)} ms: ${url}`)).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["another type", fingerprint({ name: "RangeError", message: "x is not a function", stack: [] })],
    ["another message", of("y is not a function")],
    ["another function", of("x is not a function", "refund (https://shop.example/assets/checkout-DiwrgTda.js:1:1)")],
    ["another file", of("x is not a function", "pay (https://shop.example/assets/orders-DiwrgTda.js:1:1)")],
  ])("is another one for %s", (_, other) => {
    const same = [of("x is not a function"), of("x is not a function", ...stack("DiwrgTda", 1, 1).slice(0, 1))];
    expect(same).not.toContain(other);
  });

  it("goes by the site's own frames, in the words of each browser", () => {
    const chrome = "Shop.pay (https://shop.example/pay.js:3:9)";
    const firefox = "pay@https://shop.example/pay.js:3:9";
    const vendor = "Ct (https://shop.example/vendor-4f9a01c2.js:1:2)";
    const extension = "inject (chrome-extension://abc/content.js:1:2)";
    expect(
      new Set([of("x", chrome), of("x", `at ${chrome}`), of("x", firefox), of("x", vendor, extension, chrome)]).size,
    ).toBe(1);
    expect(of("x", vendor)).not.toBe(of("x"));
  });

  it("does not count how deep a recursion was, nor frames far below", () => {
    const frame = (n: number) => `walk (https://shop.example/tree.js:${n}:1)`;
    const below = ["a", "b", "c", "d"].map((name) => `${name}${name}${name} (https://shop.example/${name}.js:1:1)`);
    const deep = Array.from({ length: 9 }, (_, n) => frame(n));
    expect(of("x", ...deep, ...below)).toBe(of("x", frame(1), ...below));
    expect(of("x", frame(1), ...below)).toBe(
      of("x", frame(1), ...below.slice(0, 2), "zzz@https://shop.example/z.js:1:1"),
    );
  });

  it("does not hang on lines made for it", () => {
    for (const line of [
      "(".repeat(50_000),
      `${"a@".repeat(30_000)}:1`,
      `${"x (".repeat(20_000)}`,
      "a-".repeat(40_000),
    ]) {
      expect(of(line, line, `${line}:1:1)`)).toHaveLength(36);
    }
  });
});

describe("the message without what varies", () => {
  it.each([
    ["Uncaught TypeError: e.map is not a function", "TypeError: *.map is not a function"],
    ["Uncaught (in promise) Error: no 0x1F", "Error: no <n>"],
    ["GET https://api.example/orders/1?token=2 failed", "GET <url> failed"],
    ["no session 5ce55104-0000-4000-8000-000000000001", "no session <id>"],
    ["expired at 2026-11-23T12:00:00.000Z", "expired at <time>"],
    ["commit deadbeef01 is not of 1,024", "commit <n> is not of <n>"],
    ["Cannot read properties of undefined (reading 'push')", "Cannot read properties of undefined (reading 'push')"],
    ["first line\nsecond line", "first line"],
  ])("%s → %s", (message, expected) => expect(normalMessage(message)).toBe(expected));
});
