import { expect, it } from "vitest";
import { linePieces } from "./line-pieces.ts";

it("lines come in pieces of bounded size, in their order, and are not made before they are asked for", () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => i);
  const lineOf = (n: number) => `{"n":${n},"text":"${"ä".repeat(300)}"}\n`;
  let made = 0;
  const pieces = linePieces(rows, (n) => {
    made++;
    return lineOf(n);
  });
  const first = pieces.next().value as Uint8Array;
  expect(made).toBeLessThan(2_000);
  const all = Buffer.concat([first, ...pieces]).toString();
  expect(all).toBe(rows.map(lineOf).join(""));
});

it("no rows are no piece", () => {
  expect([...linePieces([], String)]).toEqual([]);
});
