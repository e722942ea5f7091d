import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

const same = (a: string, b: string) => canonicalJson(a) === canonicalJson(b);

describe("canonicalJson", () => {
  it("takes members in any order, blanks and escapes for the same value", () => {
    expect(same(`{"a":1,"b":[true,null]}`, `{ "b" : [ true , null ], "a": 1 }`)).toBe(true);
    expect(same(`"\\u0041\\/"`, `"A/"`)).toBe(true);
  });

  it("takes spellings of one number for the same value", () => {
    expect(same("[1.0,1e3,-15e2]", "[1,1000,-1.50e3]")).toBe(true);
  });

  it.each([
    ["12345678901234567890", "12345678901234567000"],
    ["0.1", "0.1000000000000000055"],
    ["-0", "0"],
    ["1e400", "1e401"],
    ['"1"', "1"],
    ['"a"', '"A"'],
    ["[1,2]", "[2,1]"],
    ['{"a":null}', "{}"],
  ])("tells %s from %s", (a, b) => {
    expect(same(a, b)).toBe(false);
  });

  it("agrees with itself after a trip through JSON.parse and stringify, where no number is rounded", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        return same(text, JSON.stringify(JSON.parse(text), null, 2));
      }),
    );
  });
});
