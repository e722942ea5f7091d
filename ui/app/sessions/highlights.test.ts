import { describe, expect, it } from "vitest";
import { highlightsOf } from "./highlights.ts";

/** What is told of `["$pageview /pay", "$error oops"]`, one a second. */
const told = (...said: string[]) => {
  const items = said.map((one, at) => {
    const [type = "", text = ""] = one.split(" ");
    return { type, at_ms: at * 1_000, window_id: "w", page: text, text };
  });
  return highlightsOf(items).map(({ item, times }) => `${item.type} ${item.text}${times > 1 ? ` ×${times}` : ""}`);
};
const many = (type: string, count: number) => Array.from({ length: count }, (_, n) => `${type} ${n}`);

describe("the moments of a preview", () => {
  it("are the last pages and the site's own events where nothing went wrong", () => {
    expect(told("$pageview /", "$click Buy", "$web_vital LCP", "bought mug")).toEqual(["$pageview /", "bought mug"]);
    expect(told(...many("$pageview", 12))).toEqual(many("$pageview", 12).slice(4));
    expect(told()).toEqual([]);
  });

  it("are the last that went wrong first of all, in time order, with where that was", () => {
    expect(told("$pageview /", "$error oops", "$pageview /pay", "$rage_click Pay", "$click Pay")).toEqual([
      "$pageview /",
      "$error oops",
      "$pageview /pay",
      "$rage_click Pay",
    ]);
    expect(told(...many("$pageview", 3), ...many("$error", 9))).toEqual([
      ...many("$pageview", 3).slice(1),
      ...many("$error", 9).slice(3),
    ]);
    expect(told(...many("$error", 9))).toEqual(many("$error", 9).slice(1));
  });

  it("are told once where they came over and over", () => {
    expect(told("$pageview /pay", "$error no", "$click Pay", "$error no", "$rage_click Pay", "$error no")).toEqual([
      "$pageview /pay",
      "$error no ×2",
      "$rage_click Pay",
      "$error no",
    ]);
  });
});
