import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits } from "./glob.ts";

/** What it stands for. */
function asExpression(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*")}$`, "s");
}

describe("a pattern with stars", () => {
  it("fits what the regular expression fits that it stands for", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "?", "."), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "/", "?", ".", "*", "*"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (pattern, text) => {
        expect(fits(pattern, text)).toBe(asExpression(pattern).test(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes no longer for many stars than for few: a regular expression would not come back", () => {
    expect(fits(`${"*a".repeat(200)}*b`, `/${"a".repeat(5_000)}`)).toBe(false);
  });
});
