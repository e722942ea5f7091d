import { describe, expect, it } from "vitest";
import { eventDetails, isDeed } from "./person-event.ts";

const url = "https://shop.example/cart?step=2";

describe("an event of a person", () => {
  it("is one that they did, not one of the page", () => {
    expect(["$click", "bought", "$error", "$web_vital", "$request"].filter(isDeed)).toEqual([
      "$click",
      "bought",
      "$error",
    ]);
  });

  it("reads as what it was done to, and where", () => {
    expect(eventDetails({ name: "$click", props: { text: "Pay now", selector: "#pay" }, url })).toBe("Pay now · /cart");
    expect(eventDetails({ name: "$pageview", props: {}, url })).toBe("/cart");
  });

  it("of the site's own shows its properties", () => {
    expect(eventDetails({ name: "bought", props: { total: 12.5, items: ["mug"] }, url })).toBe(
      'total 12.5 · items ["mug"]',
    );
    expect(eventDetails({ name: "bought", props: {}, url: "about:blank" })).toBe("about:blank");
  });
});
