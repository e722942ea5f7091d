import { describe, expect, it } from "vitest";
import { placeInWords, stackOf } from "./stack.ts";

const stack = "TypeError: card is null\n  at pay (https://shop.example/assets/pay.js?v=2:3:9)\n  at a.js:1:1";
const place = { source: "webpack://shop/src/pay.ts", line: 12, column: 3, function: "payNow" };

describe("a stack", () => {
  it("has a place in the sources for the lines that a map knows", () => {
    const lines = stackOf({ stack, mapped: [null, place, null] });
    expect(lines.map(({ place }) => place?.source ?? null)).toEqual([null, place.source, null]);
    expect(lines[1]?.text).toBe("at pay (https://shop.example/assets/pay.js?v=2:3:9)");
    expect(placeInWords(lines)).toBe("pay.ts:12");
  });

  it("says where it happened as the browser did, where there is no map", () => {
    expect(placeInWords(stackOf({ stack }))).toBe("pay.js:3");
    expect(placeInWords(stackOf({ stack: "pay@https://shop.example/pay.js:3:9", mapped: "no list" }))).toBe("pay.js:3");
    expect([stackOf({}), stackOf(undefined), stackOf({ stack: 7 })]).toEqual([[], [], []]);
    expect(placeInWords([])).toBe("");
  });
});
