import { describe, expect, it } from "vitest";
import { eventInWords, propsInWords } from "./event.ts";

describe("an event in words", () => {
  it("is what it is called, without our sign; a site's own names stay as they are", () => {
    expect(["$pageview", "$rage_click", "$copied_text", "bought", "constructor"].map(eventInWords)).toEqual([
      "page",
      "rage click",
      "copied text",
      "bought",
      "constructor",
    ]);
  });

  it("has its props as far as a line goes", () => {
    const props = { plan: "pro", total: 12.5, items: ["a", { b: 1 }], note: "x".repeat(100), more: 1 };
    expect(propsInWords(props)).toBe(`plan pro · total 12.5 · items ["a",{"b":1}] · note ${"x".repeat(55)}…`);
    expect(propsInWords({})).toBe("");
  });
});
