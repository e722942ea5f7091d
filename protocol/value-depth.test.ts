import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonDepth } from "./json-scan.ts";
import { isWithinDepth } from "./value-depth.ts";

it("a value nests as deep as its text does", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const depth = jsonDepth(new TextEncoder().encode(JSON.stringify(value)));
      expect(isWithinDepth(value, depth)).toBe(true);
      if (depth > 0) expect(isWithinDepth(value, depth - 1)).toBe(false);
    }),
  );
});

it("one that is deeper than any stack is looked at no further than that", () => {
  let nested: unknown[] = [];
  for (let depth = 0; depth < 1_000_000; depth++) nested = [nested];
  expect(isWithinDepth(nested, 2_000)).toBe(false);
});
