import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NEW_ROWS_A_FRAME, type Rows, toward } from "./rows.ts";

const indexes = ({ from, to }: Rows) => Array.from({ length: to - from }, (_, i) => from + i);

/** All frames until nothing is left to do. */
function framesOf(before: Rows, wanted: Rows, seenFrom: number): Rows[] {
  const next = toward(before, wanted, seenFrom);
  return next === before ? [] : [next, ...framesOf(next, wanted, seenFrom)];
}

describe("the rows of a scrolled list", () => {
  it("come a few a frame, those below first", () => {
    expect(framesOf({ from: 0, to: 40 }, { from: 8, to: 52 }, 24)).toEqual([
      { from: 8, to: 46 },
      { from: 8, to: 52 },
    ]);
  });

  it("come from where they are seen on, if none of them is there", () => {
    expect(framesOf({ from: 0, to: 40 }, { from: 484, to: 512 }, 500)).toEqual([
      { from: 500, to: 506 },
      { from: 500, to: 512 },
      { from: 494, to: 512 },
      { from: 488, to: 512 },
      { from: 484, to: 512 },
    ]);
  });

  it("are in the end those that are wanted, with few new ones in each frame and without a hole", () => {
    const rows = fc.tuple(fc.nat(400), fc.nat(100)).map(([from, length]) => ({ from, to: from + length }));
    fc.assert(
      fc.property(rows, rows, fc.double({ min: 0, max: 1, noNaN: true }), (before, wanted, share) => {
        const seenFrom = Math.floor(wanted.from + share * (wanted.to - wanted.from));
        const frames = framesOf(before, wanted, seenFrom);
        expect(indexes(frames.at(-1) ?? before)).toEqual(indexes(wanted));
        let last = before;
        for (const frame of frames) {
          const there = new Set(indexes(last));
          expect(indexes(frame).filter((row) => !there.has(row)).length).toBeLessThanOrEqual(NEW_ROWS_A_FRAME);
          last = frame;
        }
      }),
    );
  });
});
