import { expect, it } from "vitest";
import { linePieces } from "./line-pieces.ts";

it("lines come in pieces of bounded size, in their order, and not before they are asked for", () => {
  let made = 0;
  function* lines() {
    for (let i = 0; i < 10_000; i++) {
      made++;
      yield `{"n":${i},"text":"${"ä".repeat(300)}"}\n`;
    }
  }
  const pieces = linePieces(lines());
  const first = pieces.next().value as Uint8Array;
  expect(made).toBeLessThan(2_000);
  const all = Buffer.concat([first, ...pieces]).toString();
  expect(all).toBe([...lines()].join(""));
});

it("no lines are no piece", () => {
  expect([...linePieces([])]).toEqual([]);
});
