import { describe, expect, it } from "vitest";
import { gapAt, gapsOf } from "./gaps.ts";

const gap = (first_seq: number, last_seq: number) => ({
  first_seq,
  last_seq,
  from_ts: 1_000 + first_seq * 100,
  to_ts: 1_000 + last_seq * 100 + 50,
});
const session = {
  start_ts: 1_000,
  windows: [
    { window_id: "a", gaps: [gap(1, 1), gap(4, 6), gap(9, 9)] },
    { window_id: "b", gaps: [] },
  ],
};
const window = { received: [], duplicates: 0, spooled: 0, last_received_at: null, end: false };
const ledger = {
  complete: false,
  why: "missing",
  windows: [
    {
      ...window,
      window_id: "a",
      missing: [[1, 1]],
      dropped: [{ from: 4, to: 6, reason: "storage_full" }],
      dropped_count: 3,
      rejected: [{ seq: 9, reason: "batch_malformed: no list" }],
    },
  ],
};

describe("the gaps of a session", () => {
  it("say how much is missing, and why, where the ledger knows", () => {
    expect(gapsOf(session, ledger)).toEqual([
      { windowId: "a", fromMs: 100, toMs: 150, words: "1 batch missing" },
      { windowId: "a", fromMs: 400, toMs: 650, words: "3 batches given up by the recorder (storage full)" },
      { windowId: "a", fromMs: 900, toMs: 950, words: "1 batch could not be read (batch malformed)" },
    ]);
    expect(gapsOf(session, null).map(({ words }) => words)).toEqual([
      "1 batch missing",
      "3 batches missing",
      "1 batch missing",
    ]);
  });

  it("are open intervals of their own window", () => {
    const gaps = gapsOf(session, null);
    expect([400, 401, 649, 650].map((ms) => gapAt(gaps, "a", ms)?.fromMs ?? null)).toEqual([null, 400, 400, null]);
    expect(gapAt(gaps, "b", 500)).toBeUndefined();
  });
});
