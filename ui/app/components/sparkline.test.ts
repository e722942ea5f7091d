import { describe, expect, it } from "vitest";
import { areaPath } from "./sparkline.tsx";

describe("areaPath", () => {
  it("draws nothing for a session without activity", () => {
    expect(areaPath([], 80, 20)).toBe("");
    expect(areaPath([0, 0], 80, 20)).toBe("");
  });

  it("draws one bar a stretch on a square-root scale, and closes the area", () => {
    expect(areaPath([0, 100, 25], 30, 20)).toBe("M0 20V20H10V0H20V10H30V20Z");
  });

  it("keeps a single event beside a burst visible", () => {
    expect(areaPath([1, 10_000], 20, 20)).toContain("V19H10");
  });
});
