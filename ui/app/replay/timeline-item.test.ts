import { describe, expect, it } from "vitest";
import { aside, headline, isOfStory, isShownBy, kindOf, pageAt } from "./timeline-item.ts";

describe("kindOf", () => {
  it("parts what a page's program asked for from what it loaded for its looks", () => {
    expect(kindOf({ type: "$request", detail: { type: "fetch" } })).toBe("request");
    expect(kindOf({ type: "$request", detail: { type: "img" } })).toBe("resource");
    expect(kindOf({ type: "$rage_click" })).toBe("frustration");
  });

  it("takes what it does not know for the site's own, or a fact of a newer release", () => {
    expect(kindOf({ type: "checkout_started" })).toBe("custom");
    expect(kindOf({ type: "$copied_text" })).toBe("other");
    expect(["constructor", "__proto__"].map((type) => kindOf({ type }))).toEqual(["custom", "custom"]);
  });
});

describe("the filters", () => {
  const failed = { type: "$request", detail: { type: "fetch", status: 402, failed: true } };
  const picture = { type: "$request", detail: { type: "img", status: 200, failed: false } };
  const missing = { type: "$request", detail: { type: "img", status: 404, failed: true } };
  const logged = { type: "$console", detail: { level: "error" } };

  it("show without a choice all but what loaded well for the page's looks", () => {
    expect([failed, picture, missing, logged].filter(isOfStory)).toEqual([failed, missing, logged]);
  });

  it("show as errors whatever went wrong, and each kind by itself", () => {
    expect([failed, picture, missing, logged].filter((item) => isShownBy("error", item))).toEqual([
      failed,
      missing,
      logged,
    ]);
    expect([failed, picture, missing, logged].filter((item) => isShownBy("request", item))).toEqual([failed]);
    expect([failed, picture, missing, logged].filter((item) => isShownBy("resource", item))).toEqual([
      picture,
      missing,
    ]);
  });
});

describe("aside", () => {
  const item = { at_ms: 0, window_id: "" };
  it("is the element of a click, the time of a request, the place of an error or a message", () => {
    expect(aside({ ...item, type: "$click", text: "Pay now", selector: "#pay" })).toBe("#pay");
    expect(aside({ ...item, type: "$click", selector: "#pay" })).toBe("");
    expect(aside({ ...item, type: "$request", text: "GET /", detail: { duration_ms: 312 } })).toBe("312 ms");
    const stack = "pay (https://shop.example/assets/pay.js?v=2:3:9)\nsubmit (a.js:1:1)";
    expect(aside({ ...item, type: "$error", detail: { stack } })).toBe("pay.js:3");
    expect(aside({ ...item, type: "$console", detail: { trace: "pay@https://shop.example/pay.js:3:9" } })).toBe(
      "pay.js:3",
    );
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
  it("is its props, else its page", () => {
    expect(headline({ ...item, detail: { plan: "pro", total: 12.5 } })).toBe("plan pro · total 12.5");
    expect(headline({ ...item, detail: {} })).toBe("/pay");
  });
});

describe("pageAt", () => {
  it("is the page that the window came to last, and its first one before any", () => {
    const pages = [
      { at_ms: 50, window_id: "a", path: "/" },
      { at_ms: 400, window_id: "b", path: "/terms" },
      { at_ms: 900, window_id: "a", path: "/pay" },
    ];
    expect([0, 50, 899, 900].map((time) => pageAt(pages, "a", time))).toEqual(["/", "/", "/", "/pay"]);
    expect([0, 1_000].map((time) => pageAt(pages, "b", time))).toEqual(["/terms", "/terms"]);
    expect(pageAt([], "a", 5)).toBeNull();
  });
});
