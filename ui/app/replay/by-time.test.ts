import { describe, expect, it } from "vitest";
import { indexAt, nearest } from "./by-time.ts";

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

describe("nearest", () => {
  const items = [{ at_ms: 300 }, { at_ms: 100 }];
  it("finds the closest item, whatever their order, and none that is too far", () => {
    expect(nearest(items, 190, 200)).toBe(items[1]);
    expect(nearest(items, 210, 200)).toBe(items[0]);
    expect(nearest(items, 190, 50)).toBeNull();
  });
});
