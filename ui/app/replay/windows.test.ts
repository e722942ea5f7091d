import { describe, expect, it } from "vitest";
import { nextAfter, type PlayableWindow, playableWindows, turnsOf, wentTo, windowAt } from "./windows.ts";

describe("playableWindows", () => {
  it("puts windows into session time, each from its first full snapshot on", () => {
    const session = {
      start_ts: 1_000,
      windows: [
        { window_id: "a", first_ts: 1_000, last_ts: 9_000, full_snapshots: [5_000, 1_020] },
        { window_id: "b", first_ts: 3_000, last_ts: 4_000, full_snapshots: [] },
      ],
    };
    expect(playableWindows(session)).toEqual([{ windowId: "a", fromMs: 20, toMs: 8_000, snapshotsMs: [20, 4_000] }]);
  });
});

/** One tab all along, a second in its middle, a third after both. */
const window = (windowId: string, fromMs: number, toMs: number): PlayableWindow => ({
  windowId,
  fromMs,
  toMs,
  snapshotsMs: [fromMs],
});
const first = window("first", 0, 60_000);
const second = window("second", 20_000, 40_000);
const third = window("third", 90_000, 95_000);
const windows = [first, second, third];

/** They go back to the first tab while the second is open. */
const turns = turnsOf([
  { at_ms: 5_000, window_id: "first" },
  { at_ms: 25_000, window_id: "second" },
  { at_ms: 27_000, window_id: "second" },
  { at_ms: 32_000, window_id: "first" },
  { at_ms: 33_000, window_id: "first" },
]);

describe("windowAt", () => {
  it("stays with the window that was chosen while it is open", () => {
    expect(windowAt(windows, 30_000, turns, first)).toBe(first);
    expect(windowAt(windows, 35_000, turns, second)).toBe(second);
    expect(windowAt(windows, 45_000, turns, second)).toBe(first);
  });

  it("is where the visitor was: in the tab that opened, until they do something in another", () => {
    expect([10_000, 21_000, 31_000, 32_000].map((at) => windowAt(windows, at, turns))).toEqual([
      first,
      second,
      second,
      first,
    ]);
  });

  it("takes the one opened last of those that are open where nothing is known of the visitor", () =>
    expect(windowAt(windows, 35_000)).toBe(second));

  it("takes the one before where none is open", () => {
    expect(windowAt(windows, 70_000)).toBe(second);
    expect(windowAt(windows, 70_000, turns)).toBe(first);
    expect(windowAt([second, third], 5_000)).toBe(second);
  });
});

describe("wentTo", () => {
  it("sees a tab open while time goes by", () => {
    expect(wentTo(windows, [], 19_990, 20_000)).toBe(second);
    expect(wentTo(windows, [], 20_000, 20_016)).toBeUndefined();
  });

  it("sees the visitor go back to a tab that has been open all along", () => {
    expect(wentTo(windows, turns, 31_990, 32_000)).toBe(first);
    expect(wentTo(windows, turns, 32_000, 33_000)).toBeUndefined();
  });
});

describe("nextAfter", () => {
  it("goes back to the tab that is still open", () => expect(nextAfter(windows, 40_000)).toBe(first));
  it("waits for the next where none is", () => expect(nextAfter(windows, 60_000)).toBe(third));
  it("ends with the last", () => expect(nextAfter(windows, 95_000)).toBeUndefined());
});
