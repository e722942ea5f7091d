import { describe, expect, it } from "vitest";
import { playableWindows } from "./playable-windows.ts";

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
