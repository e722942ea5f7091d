import { describe, expect, it } from "vitest";
import { clock, counted, spokenDuration } from "./duration.ts";

describe("clock", () => {
  it.each([
    [0, "0:00"],
    [41_000, "0:41"],
    [247_999, "4:07"],
    [3_729_000, "1:02:09"],
    [-5, "0:00"],
  ])("shows %i ms as %s", (ms, text) => expect(clock(ms)).toBe(text));
});

describe("spokenDuration", () => {
  it.each([
    [0, "0 seconds"],
    [1_000, "1 second"],
    [247_000, "4 minutes 7 seconds"],
    [3_600_000, "1 hour"],
  ])("says %i ms as %s", (ms, text) => expect(spokenDuration(ms)).toBe(text));
});

describe("counted", () => {
  it("takes the plural for all but one", () => {
    expect([0, 1, 2, 1204].map((n) => counted(n, "page"))).toEqual(["0 pages", "1 page", "2 pages", "1,204 pages"]);
  });
});
