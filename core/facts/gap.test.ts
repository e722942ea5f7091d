import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { highestKnown, lastsFrom, progressOf, type WindowProgress } from "./gap.ts";
import { type LoadedAttempt, sessionLedger, type WindowLedger } from "./ledger.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOON = Date.UTC(2026, 10, 23, 12);

/** A batch, and when it was there. */
interface Arrival {
  seq: number;
  at: number;
  sealed_through?: number;
  is_end?: boolean;
}

function attempt({ seq, sealed_through, is_end }: Arrival): LoadedAttempt {
  return {
    window_id: "w1",
    seq,
    batch_id: `batch-${seq}`,
    received_at: NOON,
    durable: "stream",
    sealed_through: sealed_through ?? null,
    dropped: [],
    is_end: is_end ?? false,
  };
}

/** The window after the arrivals, watched from the moment it has a gap. */
function watched(arrivals: readonly Arrival[], lastingMs = MINUTE): { window: WindowLedger; progress: WindowProgress } {
  let progress: WindowProgress | null = null;
  let window: WindowLedger | undefined;
  for (const [i, { at }] of arrivals.entries()) {
    window = sessionLedger(arrivals.slice(0, i + 1).map(attempt), [], at).windows[0] as WindowLedger;
    progress = window.missing.length > 0 ? progressOf(window, progress, at, lastingMs) : null;
  }
  if (!window) throw new Error("no arrivals");
  return { window, progress: progress ?? progressOf(window, null, arrivals.at(-1)?.at ?? 0, lastingMs) };
}

function from(arrivals: readonly Arrival[], askedThrough = -1): number | null {
  const { window, progress } = watched(arrivals);
  return lastsFrom(window, progress, askedThrough, MINUTE);
}

describe("a gap is lasting", () => {
  it("when later batches have been there for a minute", () => {
    expect(
      from([
        { seq: 0, at: 0 },
        { seq: 2, at: 5 * SECOND },
        { seq: 3, at: 50 * SECOND },
      ]),
    ).toBe(65 * SECOND);
  });

  it("five minutes after the window's last batch, where what was sealed at its end never came", () => {
    expect(
      from([
        { seq: 0, at: 0 },
        { seq: 1, at: 5 * SECOND, sealed_through: 3 },
      ]),
    ).toBe(5 * MINUTE + 5 * SECOND);
  });

  it("by the batches that came later than it, not than another one", () => {
    const arrivals = [
      { seq: 2, at: 0 },
      { seq: 0, at: 10 * SECOND },
      { seq: 4, at: 20 * SECOND },
    ];
    expect(from(arrivals)).toBe(MINUTE);
    expect(from([...arrivals, { seq: 1, at: 30 * SECOND }])).toBe(80 * SECOND);
  });

  it("not once it is closed", () => {
    expect(
      from([
        { seq: 0, at: 0 },
        { seq: 2, at: 0 },
        { seq: 1, at: 59 * SECOND },
      ]),
    ).toBeNull();
  });

  it("not where the window is merely open", () => {
    expect(
      from([
        { seq: 0, at: 0 },
        { seq: 1, at: 0, sealed_through: 1 },
      ]),
    ).toBeNull();
  });

  it("not where the window has ended: nobody is there to be asked", () => {
    expect(
      from([
        { seq: 0, at: 0 },
        { seq: 2, at: 0, is_end: true },
      ]),
    ).toBeNull();
    expect(
      from([
        { seq: 0, at: 0 },
        { seq: 2, at: 0, is_end: true },
        { seq: 3, at: SECOND },
      ]),
    ).toBe(MINUTE);
  });

  it("not again once a snapshot was asked for that comes after it, unlike the next gap", () => {
    const arrivals = [
      { seq: 0, at: 0 },
      { seq: 2, at: 0 },
      { seq: 3, at: 2 * MINUTE },
    ];
    const asked = highestKnown(watched(arrivals.slice(0, 2)).window);
    expect(from(arrivals, asked)).toBeNull();
    expect(from([...arrivals, { seq: 5, at: 3 * MINUTE }], asked)).toBe(4 * MINUTE);
  });
});

it("the highest seq of a window may be that of one of very many ranges that were given up", () => {
  const dropped = Array.from({ length: 300_000 }, (_, i) => ({ from: 2 * i, to: 2 * i, reason: "full" }));
  const window = { ...watched([{ seq: 7, at: 0 }]).window, dropped };
  expect(highestKnown(window)).toBe(599_998);
});

describe("any window", () => {
  const arrivalsOfAny = fc
    .array(
      fc.record({
        seq: fc.nat(12),
        after: fc.nat(40).map((seconds) => seconds * SECOND),
        sealed_through: fc.option(fc.nat(14), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .map((steps) => {
      let at = 0;
      return steps.map(({ seq, after, sealed_through }): Arrival => {
        at += after;
        return { seq, at, sealed_through };
      });
    });

  it("has a lasting gap from the moment on at which the rule says so, for whichever seq it is", () => {
    fc.assert(
      fc.property(arrivalsOfAny, fc.integer({ min: -1, max: 14 }), (arrivals, askedThrough) => {
        const here = new Set(arrivals.map(({ seq }) => seq));
        const highest = Math.max(...arrivals.map(({ seq, sealed_through }) => Math.max(seq, sealed_through ?? -1)));
        const quiet = (arrivals.at(-1)?.at ?? 0) + 5 * MINUTE;
        const missing = Array.from({ length: highest + 1 }, (_, seq) => seq).filter((seq) => !here.has(seq));
        const times = missing
          .filter((seq) => seq > askedThrough)
          .map((gap) => Math.min(quiet, ...arrivals.filter(({ seq }) => seq > gap).map(({ at }) => at + MINUTE)));
        const expected = times.length > 0 ? Math.min(...times) : null;
        const now = arrivals.at(-1)?.at ?? 0;
        const told = from(arrivals, askedThrough);
        // What is lasting already is lasting: from when on is not kept.
        if (expected !== null && expected <= now) expect(told).toBeLessThanOrEqual(now);
        else expect(told).toBe(expected);
      }),
    );
  });

  it("knows its highest seq", () => {
    fc.assert(
      fc.property(arrivalsOfAny, (arrivals) => {
        const highest = Math.max(...arrivals.map(({ seq, sealed_through }) => Math.max(seq, sealed_through ?? -1)));
        expect(highestKnown(watched(arrivals).window)).toBe(highest);
      }),
    );
  });

  it("costs little to remember, however often batches come, and no gap is taken for an older one", () => {
    const arrivals = Array.from({ length: 400 }, (_, i) => ({ seq: i + 1, at: i * 333 + 1 }));
    expect(watched(arrivals).progress.steps.length).toBeLessThanOrEqual(62);
    expect(from(arrivals.slice(0, 100))).toBe(SECOND + MINUTE);
  });
});
