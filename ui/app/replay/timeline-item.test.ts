import { describe, expect, it } from "vitest";
import { headline, indexAt, kindOf, pageAt, typeInWords } from "./timeline-item.ts";

describe("kindOf", () => {
  it("takes a failed request for an error, and what it does not know for the site's own", () => {
    expect(kindOf({ type: "$request", detail: { status: 402 } })).toBe("error");
    expect(kindOf({ type: "$request", detail: { status: 200 } })).toBe("request");
    expect(kindOf({ type: "$rage_click" })).toBe("frustration");
    expect(kindOf({ type: "checkout_started" })).toBe("custom");
    expect(["constructor", "__proto__"].map((type) => [kindOf({ type }), typeInWords(type)])).toEqual([
      ["custom", "constructor"],
      ["custom", "__proto__"],
    ]);
  });
});

describe("headline", () => {
  const item = { at_ms: 0, window_id: "" };
  it("is the page for a page view, else the text, the message, the element, the page", () => {
    expect(headline({ ...item, type: "$pageview", page: "/pay", text: "Pay" })).toBe("/pay");
    expect(headline({ ...item, type: "$click", page: "/pay", text: "Pay now", selector: "#pay" })).toBe("Pay now");
    expect(headline({ ...item, type: "$error", detail: { message: "x is not a function" } })).toBe(
      "x is not a function",
    );
    expect(headline({ ...item, type: "$click", page: "/pay", selector: "#pay" })).toBe("#pay");
  });
});

describe("the headline of what the site tracked", () => {
  const item = { at_ms: 0, window_id: "", type: "bought", page: "/pay" };
  it("is its props, as far as a line goes, else its page", () => {
    const detail = { plan: "pro", total: 12.5, items: ["a", { b: 1 }], note: "x".repeat(100), more: 1 };
    expect(headline({ ...item, detail })).toBe(`plan pro · total 12.5 · items ["a",{"b":1}] · note ${"x".repeat(55)}…`);
    expect(headline({ ...item, detail: {} })).toBe("/pay");
  });
});

describe("indexAt", () => {
  const items = [{ at_ms: 100 }, { at_ms: 100 }, { at_ms: 300 }];
  it.each([
    [0, -1],
    [100, 1],
    [299, 1],
    [300, 2],
    [9_999, 2],
  ])("finds the last item at or before %i ms", (time, index) => expect(indexAt(items, time)).toBe(index));
});

describe("pageAt", () => {
  it("is the page last come to, and the first one before any", () => {
    const pages = [
      { at_ms: 50, path: "/" },
      { at_ms: 900, path: "/pay" },
    ];
    expect([0, 50, 899, 900].map((time) => pageAt(pages, time))).toEqual(["/", "/", "/", "/pay"]);
    expect(pageAt([], 5)).toBeNull();
  });
});
