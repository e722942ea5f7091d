import { describe, expect, it } from "vitest";
import { isOriginAllowed } from "./origin.ts";

describe("an origin", () => {
  it.each([
    ["https://a.example", []],
    [null, ["https://shop.example"]],
    ["https://shop.example", ["https://shop.example"]],
    ["https://Shop.example", ["https://shop.EXAMPLE"]],
    ["http://localhost:8790", ["https://shop.example", "http://localhost:8790"]],
    ["https://www.shop.example", ["https://*.shop.example"]],
    ["https://a.b.shop.example", ["https://*.shop.example"]],
    ["https://www.shop.example:8443", ["https://*.shop.example:8443"]],
  ])("%s may record where %j is allowed", (origin, allowed) => {
    expect(isOriginAllowed(origin, allowed)).toBe(true);
  });

  it.each([
    ["https://shop.example", ["https://*.shop.example"]],
    ["https://evilshop.example", ["https://*.shop.example"]],
    ["https://shop.example.evil.example", ["https://*.shop.example", "https://shop.example"]],
    ["https://evil.example#.shop.example", ["https://*.shop.example"]],
    ["https://evil.example/.shop.example", ["https://*.shop.example"]],
    ["https://.shop.example", ["https://*.shop.example"]],
    ["http://www.shop.example", ["https://*.shop.example"]],
    ["https://www.shop.example:8443", ["https://*.shop.example"]],
    ["null", ["https://shop.example"]],
    ["", ["https://shop.example"]],
  ])("%s may not where %j is allowed", (origin, allowed) => {
    expect(isOriginAllowed(origin, allowed)).toBe(false);
  });
});
