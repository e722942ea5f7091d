import { describe, expect, it } from "vitest";
import { EVENT_TYPE, type RrwebEvent } from "#core/replay/rrweb-event.ts";
import { LiveBuffer } from "./live-buffer.ts";

const meta = (timestamp: number): RrwebEvent => ({ type: EVENT_TYPE.meta, timestamp, data: {} });
const snapshot = (timestamp: number): RrwebEvent => ({ type: EVENT_TYPE.fullSnapshot, timestamp, data: {} });
const change = (timestamp: number, data: unknown = {}): RrwebEvent => ({
  type: EVENT_TYPE.incremental,
  timestamp,
  data,
});

function heard(...batches: [seq: number, ...events: RrwebEvent[]][]): LiveBuffer {
  const buffer = new LiveBuffer();
  for (const [seq, ...events] of batches) buffer.add({ windowId: "w", seq, events });
  return buffer;
}

const timesFrom = (buffer: LiveBuffer, place = buffer.beginning("w")) =>
  buffer.take("w", place)?.events.map(({ timestamp }) => timestamp) ?? null;

describe("what is heard of a window", () => {
  it("begins with the last full snapshot and the size that stands before it", () => {
    const buffer = heard([0, meta(1), snapshot(2), change(3)], [1, change(4), meta(5), snapshot(5), change(6)]);
    expect(buffer.beginsAt("w")).toBe(5);
    expect(timesFrom(buffer)).toEqual([5, 5, 6]);
  });

  it("is taken on from where it was left, each event once and in order of play", () => {
    const buffer = heard([0, snapshot(1), change(2)]);
    const first = buffer.take("w", buffer.beginning("w"));
    expect(first && buffer.take("w", first.next)).toBeNull();
    buffer.add({ windowId: "w", seq: 2, events: [change(5)] });
    buffer.add({ windowId: "w", seq: 1, events: [change(3)] });
    buffer.add({ windowId: "w", seq: 1, events: [change(3)] });
    expect(first && timesFrom(buffer, first.next)).toEqual([3, 5]);
  });

  it("goes on after what was read elsewhere, also in the middle of a millisecond", () => {
    const buffer = heard([0, snapshot(1), change(2, "a")], [1, change(2, "b"), change(3)]);
    const place = buffer.placeAfter("w", 2, 1);
    expect(place && buffer.take("w", place)?.events).toEqual([change(2, "b"), change(3)]);
    expect(buffer.placeAfter("w", 3, 1)).toBeNull();
  });

  it("says so where it was let go for a later snapshot", () => {
    const buffer = heard([0, snapshot(1)]);
    const { next } = buffer.take("w", buffer.beginning("w")) ?? {};
    buffer.add({ windowId: "w", seq: 1, events: [change(2)] });
    expect(next && buffer.isGone("w", next)).toBe(false);
    buffer.add({ windowId: "w", seq: 2, events: [change(3), snapshot(4)] });
    expect(next && buffer.isGone("w", next)).toBe(true);
  });

  it("has nothing to begin with without a full snapshot", () => {
    expect(heard([0, change(1)]).beginsAt("w")).toBeNull();
    expect(new LiveBuffer().beginsAt("w")).toBeNull();
  });
});
