import { describe, expect, it } from "vitest";
import { highlightsOf } from "./highlights.ts";

const item = (type: string, at_ms: number) => ({ type, at_ms, window_id: "w" });
const times = (...types: string[]) => highlightsOf(types.map((type, at) => item(type, at))).map(({ at_ms }) => at_ms);

describe("the moments of a preview", () => {
  it("are the last pages and the site's own events where nothing went wrong", () => {
    expect(times("$pageview", "$click", "$web_vital", "bought")).toEqual([0, 3]);
    expect(times(...Array.from({ length: 12 }, () => "$pageview"))).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    expect(times()).toEqual([]);
  });

  it("are the last that went wrong first of all, in time order, with where that was", () => {
    expect(times("$pageview", "$error", "$pageview", "$rage_click", "$click")).toEqual([0, 1, 2, 3]);
    expect(times("$pageview", "$pageview", "$pageview", ...Array.from({ length: 9 }, () => "$error"))).toEqual([
      1, 2, 6, 7, 8, 9, 10, 11,
    ]);
  });
});
