import fc from "fast-check";
import { expect, test } from "vitest";
import { type INTERVALS, intervalStarts, periodOf, suitableInterval } from "./period.ts";
import { Refusal } from "./refusal.ts";

const starts = (from: string, to: string, interval: (typeof INTERVALS)[number]) =>
  intervalStarts({ from: new Date(from), to: new Date(to) }, interval).map((t) => new Date(t).toISOString());

test("each interval of the period, the first from its beginning", () => {
  expect(starts("2026-11-23T10:30:20Z", "2026-11-23T10:32:00Z", "minute")).toEqual([
    "2026-11-23T10:30:00.000Z",
    "2026-11-23T10:31:00.000Z",
  ]);
  expect(starts("2026-11-23T10:30:00Z", "2026-11-25T00:00:00Z", "day")).toEqual([
    "2026-11-23T00:00:00.000Z",
    "2026-11-24T00:00:00.000Z",
  ]);
});

test("weeks begin on Monday, months on the first", () => {
  expect(starts("2026-11-22T23:00:00Z", "2026-11-30T00:00:01Z", "week")).toEqual([
    "2026-11-16T00:00:00.000Z",
    "2026-11-23T00:00:00.000Z",
    "2026-11-30T00:00:00.000Z",
  ]);
  expect(starts("2026-01-31T00:00:00Z", "2026-03-01T00:00:00Z", "month")).toEqual([
    "2026-01-01T00:00:00.000Z",
    "2026-02-01T00:00:00.000Z",
  ]);
});

test("intervals follow one another without a gap and cover the period", () => {
  const moment = fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(2199, 0) });
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 400 * 86_400_000 }), (from, length) => {
      const period = { from: new Date(from), to: new Date(from + length) };
      const cut = intervalStarts(period, suitableInterval(period));
      expect(cut[0]).toBeLessThanOrEqual(from);
      expect(cut.at(-1)).toBeLessThan(from + length);
      expect(cut.length).toBeLessThanOrEqual(150);
      expect(cut).toEqual(cut.toSorted((a, b) => a - b));
    }),
  );
});

test("seven days until now where nothing is said; a period that ends before it begins is refused", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  expect(periodOf({}, now)).toEqual({ from: new Date("2026-11-16T12:00:00Z"), to: now });
  expect(() => periodOf({ from: now, to: now }, now)).toThrow(Refusal);
});

test("more points than anybody can read are refused", () => {
  expect(() => starts("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", "minute")).toThrow(Refusal);
});
