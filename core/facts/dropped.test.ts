import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundedDropped, DROPPED_RANGES_MAX, droppedRanges } from "./dropped.ts";
import { type Range, union } from "./ranges.ts";

const range = (from: number, to: number, reason = "quota") => ({ from, to, reason });

describe("what a recorder gave up", () => {
  it("is told once, however often and in whatever pieces it was said", () => {
    const said = [range(5, 6), range(1, 2), range(1, 2), range(3, 3), range(2, 3), range(9, 9)];
    expect(droppedRanges(said, [])).toEqual([range(1, 3), range(5, 6), range(9, 9)]);
  });

  it("keeps its reasons apart, and has one for each batch", () => {
    expect(droppedRanges([range(1, 4, "age"), range(3, 6, "full"), range(7, 7, "full")], [])).toEqual([
      range(1, 4, "age"),
      range(5, 7, "full"),
    ]);
  });

  it("is not what came after all", () => {
    const received: Range[] = [
      [0, 1],
      [4, 4],
      [8, 20],
    ];
    expect(droppedRanges([range(0, 9), range(15, 16), range(19, 22)], received)).toEqual([
      range(2, 3),
      range(5, 7),
      range(21, 22),
    ]);
  });

  it("is, of any ranges, each seq that was said and is not here, once and in order", () => {
    const seqs = fc.nat(30);
    const ranges = fc.array(fc.record({ from: seqs, to: seqs, reason: fc.constantFrom("x", "y") }), { maxLength: 12 });
    fc.assert(
      fc.property(ranges, fc.array(seqs), (said, here) => {
        const dropped = droppedRanges(said, union(here.map((seq): Range => [seq, seq])));
        const told = dropped.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
        const all = said.flatMap(({ from, to }) =>
          Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i),
        );
        const expected = [...new Set(all)].filter((seq) => !here.includes(seq)).sort((a, b) => a - b);
        expect(told).toEqual(expected);
        expect(boundedDropped(dropped).dropped_count).toBe(expected.length);
      }),
    );
  });

  it("is told by its last thousand ranges where a program says more, and counted as a whole", () => {
    const said = Array.from({ length: 50_000 }, (_, i) => range(3 * i, 3 * i + 1, `reason ${i}`));
    const { dropped, dropped_count } = boundedDropped(droppedRanges(said, []));
    expect(dropped).toEqual(said.slice(-DROPPED_RANGES_MAX));
    expect(dropped_count).toBe(100_000);
  });
});
