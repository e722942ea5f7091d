import { describe, expect, it } from "vitest";
import { completenessInWords, countedWindow, goesOn, type LedgerWindow } from "./completeness.ts";

const window = (over: Partial<LedgerWindow> = {}): LedgerWindow => ({
  window_id: "a",
  received: [[0, 13]],
  missing: [],
  dropped: [],
  dropped_count: 0,
  rejected: [],
  duplicates: 0,
  spooled: 0,
  last_received_at: "2026-11-20T12:00:00.000Z",
  end: true,
  ...over,
});

describe("completenessInWords", () => {
  it("counts the batches of all windows", () => {
    expect(completenessInWords({ complete: true, why: null, windows: [window()] })).toBe("complete 14/14");
    const gap = window({
      received: [
        [0, 2],
        [5, 5],
      ],
      missing: [[3, 4]],
    });
    expect(completenessInWords({ complete: false, why: "missing", windows: [window(), gap] })).toBe("18/20 batches");
  });

  it("says where a recorder does not number its batches", () => {
    expect(completenessInWords({ complete: null, why: null, windows: [window({ window_id: "" })] })).toBe(
      "not numbered",
    );
  });
});

describe("countedWindow", () => {
  it("keeps what was given up and what cannot be read apart from what is missing", () => {
    const counts = countedWindow(
      window({
        received: [[0, 9]],
        missing: [[10, 10]],
        dropped: [{ from: 12, to: 13, reason: "age" }],
        dropped_count: 3,
        rejected: [{ seq: 14, reason: "x" }],
      }),
    );
    expect(counts).toEqual({ received: 10, missing: 1, dropped: 3, rejected: 1, known: 15 });
  });
});

describe("goesOn", () => {
  const now = Date.parse("2026-11-20T12:10:00.000Z");

  it("is so while a window's end has not come, also where something is missing", () => {
    const open = window({ end: false, missing: [[3, 4]] });
    expect(goesOn({ windows: [window(), open] }, now)).toBe(true);
    expect(goesOn({ windows: [window({ window_id: "", end: false })] }, now)).toBe(true);
  });

  it("is not so once all have ended, or have been silent for half an hour", () => {
    expect(goesOn({ windows: [window({ missing: [[3, 4]] })] }, now)).toBe(false);
    expect(goesOn({ windows: [window({ end: false })] }, now + 30 * 60_000)).toBe(false);
    expect(goesOn({ windows: [window({ end: false, last_received_at: null })] }, now)).toBe(false);
  });
});
