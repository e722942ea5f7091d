import { describe, expect, it } from "vitest";
import { backoffMs, retryAfterMs } from "./delivery.ts";

describe("pauses", () => {
  it("believes Retry-After in seconds and as a date, within an hour", () => {
    expect(retryAfterMs("2")).toBe(2_000);
    expect(retryAfterMs("0")).toBe(0);
    expect(retryAfterMs(new Date(Date.now() - 60_000).toUTCString())).toBe(0);
    expect(retryAfterMs(new Date(Date.now() + 86_400_000).toUTCString())).toBe(3_600_000);
    expect(retryAfterMs("soon")).toBeNull();
    expect(retryAfterMs(null)).toBeNull();
  });

  it("doubles from a second to a minute, never in step with other clients", () => {
    const pauses = Array.from({ length: 12 }, (_, failures) => backoffMs(failures));
    expect(pauses[0]).toBeLessThanOrEqual(1_000);
    expect(pauses.at(-1)).toBeLessThanOrEqual(60_000);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(30_000);
    expect(new Set(Array.from({ length: 20 }, () => backoffMs(3))).size).toBeGreaterThan(1);
  });
});
