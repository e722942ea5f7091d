import { describe, expect, it } from "vitest";
import { playGaps } from "./play-gap.ts";
import { playOrder } from "./play-order.ts";

/** A second of recording. */
function batch(seq: number, full_snapshot_ts: number[] = [], window_id = "w") {
  return {
    window_id,
    seq,
    batch_id: `${seq}`,
    received_at: seq,
    first_ts: seq * 1_000,
    last_ts: seq * 1_000 + 900,
    event_count: 10,
    events_bytes: 100,
    full_snapshot_idx: full_snapshot_ts.map(() => 0),
    full_snapshot_ts,
    is_end: false,
    url: "",
    user_id: null,
    version: 0,
  };
}

const gapsOf = (...batches: ReturnType<typeof batch>[]) => playOrder(batches).windows.map(playGaps);

describe("the gaps of a window", () => {
  it("are none where its batches follow one another, in whatever order they came", () => {
    expect(gapsOf(batch(2), batch(0, [0]), batch(1))).toEqual([[]]);
  });

  it("last from the event before to the next full snapshot, over further gaps too", () => {
    expect(gapsOf(batch(0, [0]), batch(2), batch(5), batch(6, [6_100]), batch(8, [8_000]))).toEqual([
      [
        { first_seq: 1, last_seq: 1, from_ts: 900, to_ts: 6_100 },
        { first_seq: 3, last_seq: 4, from_ts: 2_900, to_ts: 6_100 },
        { first_seq: 7, last_seq: 7, from_ts: 6_900, to_ts: 8_000 },
      ],
    ]);
  });

  it("last to its end where no snapshot follows", () => {
    expect(gapsOf(batch(0, [0]), batch(2), batch(3))).toEqual([
      [{ first_seq: 1, last_seq: 1, from_ts: 900, to_ts: 3_900 }],
    ]);
  });

  it("are not told where batches begin anew on each page", () => {
    expect(gapsOf(batch(0, [0], ""), batch(4, [], ""))).toEqual([[]]);
  });
});
