import { describe, expect, it } from "vitest";
import { nextAfter, openedBetween, type PlayableWindow, playableWindows, windowAt } from "./windows.ts";

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

describe("windowAt", () => {
  it("stays with the window that is shown while it is open", () => {
    expect(windowAt(windows, 30_000, first)).toBe(first);
    expect(windowAt(windows, 30_000, second)).toBe(second);
  });

  it("takes the one opened last of those that are open", () => expect(windowAt(windows, 30_000, third)).toBe(second));

  it("takes the one before where none is open", () => {
    expect(windowAt(windows, 70_000, third)).toBe(second);
    expect(windowAt([second, third], 5_000, third)).toBe(second);
  });
});

describe("openedBetween", () => {
  it("sees a tab open while time goes by", () => {
    expect(openedBetween(windows, 19_990, 20_000)).toBe(second);
    expect(openedBetween(windows, 20_000, 20_016)).toBeUndefined();
  });
});

describe("nextAfter", () => {
  it("goes back to the tab that is still open", () => expect(nextAfter(windows, 40_000)).toBe(first));
  it("waits for the next where none is", () => expect(nextAfter(windows, 60_000)).toBe(third));
  it("ends with the last", () => expect(nextAfter(windows, 95_000)).toBeUndefined());
});
