import { describe, expect, it } from "vitest";
import { matches, type UrlPatterns, within } from "./rules.ts";

const at = (href: string) => new URL(href) as unknown as Location;

describe("patterns of addresses", () => {
  it.each<[UrlPatterns | undefined, string, boolean]>([
    [undefined, "https://shop.test/", false],
    ["/checkout", "https://shop.test/checkout?step=2#card", true],
    ["/checkout", "https://shop.test/checkout/card", false],
    ["/checkout*", "https://shop.test/checkout/card", true],
    ["/a, /account/*", "https://shop.test/account/42", true],
    ["*/edit", "https://shop.test/posts/7/edit", true],
    ["https://shop.test/*?token=*", "https://shop.test/reset?token=s3cret", true],
    ["https://shop.test/*?token=*", "https://shop.test/reset", false],
    ["/a.b+(c)", "https://shop.test/a.b+(c)", true],
    ["/a.b", "https://shop.test/axb", false],
    [/\/orders\/\d+$/, "https://shop.test/orders/42", true],
    [/\/orders\/\d+$/g, "https://shop.test/orders/42", true],
    [["/one", /two/], "https://shop.test/and/two/three", true],
    [["/one", /two/], "https://shop.test/three", false],
    ["", "https://shop.test/", false],
  ])("%s on %s: %s", (patterns, href, expected) => {
    expect(matches(patterns, at(href))).toBe(expected);
    expect(matches(patterns, at(href))).toBe(expected);
  });
});

describe("numbers of options", () => {
  it.each([
    [undefined, 30],
    [null, 30],
    ["often", 30],
    ["45", 45],
    [0, 1],
    [-5, 1],
    [Number.POSITIVE_INFINITY, 60],
  ])("%s is %d, from 1 to 60", (value, expected) => {
    expect(within(value, 30, 1, 60)).toBe(expected);
  });
});
