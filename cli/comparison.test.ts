import { describe, expect, it } from "vitest";
import { compareEvents, isWhole } from "./comparison.ts";

describe("compareEvents", () => {
  it("is whole when the same bytes came back in the same order", () => {
    const comparison = compareEvents(['{"a":1}', '{"a":2}'], ['{"a":1}', '{"a":2}']);
    expect(comparison).toMatchObject({ equal: 2, identical: 2 });
    expect(isWhole(comparison)).toBe(true);
  });

  it("is whole when the values are equal and the bytes are not", () => {
    const comparison = compareEvents(['{"a":1.0}'], ['{"a": 1}']);
    expect(comparison).toMatchObject({ equal: 1, identical: 0 });
    expect(isWhole(comparison)).toBe(true);
  });

  it("counts a missing event as lost", () => {
    expect(compareEvents(["1", "2", "3"], ["1", "3"])).toMatchObject({ equal: 2, lost: 1, doubled: 0, foreign: 0 });
  });

  it("counts a repeated event as doubled, but not one that the recording itself repeats", () => {
    expect(compareEvents(["1", "1", "2"], ["1", "1", "2", "2"])).toMatchObject({ equal: 3, lost: 0, doubled: 1 });
  });

  it("counts a rounded number as lost and foreign", () => {
    const comparison = compareEvents(["12345678901234567890"], ["12345678901234567000"]);
    expect(comparison).toMatchObject({ equal: 0, lost: 1, foreign: 1 });
    expect(isWhole(comparison)).toBe(false);
  });

  it("names the first place where the order is wrong", () => {
    const comparison = compareEvents(["1", "2", "3"], ["1", "3", "2"]);
    expect(comparison).toMatchObject({ equal: 3, firstMisplaced: 1 });
    expect(isWhole(comparison)).toBe(false);
  });
});
