import { describe, expect, it } from "vitest";
import { grown, inOrder, isOutlived, mustWait, planSeek, type Run, stretchEvents, wantsMore } from "./stretches.ts";

/** With as many events after its beginning as are always kept ahead, at 10 a second from there. */
const run = (over: Partial<Run> = {}): Run => ({
  fromMs: 60_000,
  untilMs: 90_000,
  cursor: "next",
  timesMs: Array.from({ length: 3_000 }, (_, i) => 60_000 + i * 100),
  ...over,
});

describe("planSeek", () => {
  const snapshots = [0, 60_000, 300_000, 600_000];

  it("stays within what is loaded", () => {
    expect(planSeek(run(), 60_000, snapshots)).toBe("within");
    expect(planSeek(run(), 90_000, snapshots)).toBe("within");
  });

  it("continues the run where no snapshot lies between its end and the target", () => {
    expect(planSeek(run(), 299_999, snapshots)).toBe("extend");
    expect(planSeek(run(), 5_000_000, [0])).toBe("extend");
  });

  it("begins anew at a snapshot beyond what is loaded", () => {
    expect(planSeek(run(), 300_000, snapshots)).toBe("restart");
    expect(planSeek(run(), 5_000_000, snapshots)).toBe("restart");
  });

  it("begins anew for what lies before the run", () => expect(planSeek(run(), 59_999, snapshots)).toBe("restart"));

  it("has all of a window whose end is loaded", () => {
    expect(planSeek(run({ cursor: null }), 5_000_000, snapshots)).toBe("within");
  });
});

describe("stretchEvents", () => {
  it("asks for little until there is a frame, and for much where a far moment is waited for", () => {
    const [first, next, catchUp] = [stretchEvents(null, 0), stretchEvents(run(), 0), stretchEvents(run(), 500_000)];
    expect(first).toBeLessThan(next);
    expect(next).toBeLessThan(catchUp);
  });

  it("asks for little more where the moment may be near, and for more each time where it is not", () => {
    const loaded = (count: number) => run({ timesMs: Array.from({ length: count }, () => 60_000) });
    expect(stretchEvents(loaded(400), 500_000)).toBe(stretchEvents(run(), 0));
    expect(stretchEvents(loaded(2_400), 500_000)).toBeGreaterThan(2 * 2_400);
    expect(stretchEvents(loaded(100_000), 500_000)).toBeLessThanOrEqual(50_000); // what the API gives at most
  });
});

describe("wantsMore", () => {
  it("keeps time ahead of the playhead, more of it at speed", () => {
    const long = run({ untilMs: 200_000 });
    expect(wantsMore(long, 90_000, 1)).toBe(false);
    expect(wantsMore(long, 175_000, 1)).toBe(true);
    expect(wantsMore(long, 90_000, 8)).toBe(true);
  });

  it("keeps events ahead as well: skipping idle time eats time", () => {
    expect(wantsMore(run({ untilMs: 900_000, timesMs: [60_000, 61_000, 900_000] }), 61_000, 1)).toBe(true);
  });

  it("ends with the window", () => expect(wantsMore(run({ cursor: null, timesMs: [] }), 90_000, 1)).toBe(false));
});

describe("isOutlived", () => {
  const long = run({ timesMs: Array.from({ length: 10_000 }, (_, i) => i * 100), fromMs: 0, untilMs: 1_000_000 });

  it("begins anew where thousands of events lie before a snapshot that was played", () => {
    expect(isOutlived(long, 899_999, [0, 200_000, 900_000])).toBe(false);
    expect(isOutlived(long, 900_000, [0, 200_000, 900_000])).toBe(true);
  });

  it("keeps all of what one snapshot began", () => expect(isOutlived(long, 1_000_000, [0])).toBe(false));
});

describe("mustWait", () => {
  it("is at the end of what is loaded, not at the end of the window", () => {
    expect(mustWait(run(), 89_999)).toBe(false);
    expect(mustWait(run(), 90_000)).toBe(true);
    expect(mustWait(run({ cursor: null }), 90_000)).toBe(false);
  });
});

describe("grown", () => {
  it("begins with its first stretch and grows at its end", () => {
    const first = grown(null, [1_000, 2_000], "a");
    expect(first).toEqual({ fromMs: 1_000, untilMs: 2_000, cursor: "a", timesMs: [1_000, 2_000] });
    expect(grown(first, [2_500], null)).toEqual({
      fromMs: 1_000,
      untilMs: 2_500,
      cursor: null,
      timesMs: [1_000, 2_000, 2_500],
    });
    expect(grown(first, [], null)).toEqual({ ...first, cursor: null });
  });
});

describe("inOrder", () => {
  const at = (...times: number[]) => times.map((timestamp) => ({ type: 3, timestamp, data: {} }));
  const times = (events: { timestamp: number }[]) => events.map(({ timestamp }) => timestamp);

  it("keeps the order of the recording where the clock was set back", () => {
    expect(times(inOrder(at(100, 200, 50, 210), 0, 1_000))).toEqual([100, 200, 200, 210]);
  });

  it("keeps within the window where the clock was far ahead once", () => {
    expect(times(inOrder(at(100, 9_999_999, 300), 0, 400))).toEqual([100, 400, 400]);
  });

  it("goes on from the stretch before", () => expect(times(inOrder(at(90, 120), 100, 400))).toEqual([100, 120]));
});
