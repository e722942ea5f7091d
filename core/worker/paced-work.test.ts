import { describe, expect, it } from "vitest";
import { PacedWork, WorkTooLong } from "./paced-work.ts";

/** By a clock that goes on in pieces only. */
function paced(budgetMs: number) {
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  const work = new PacedWork(budgetMs, () => now);
  return { work, pass, piece: (ms: number) => work.do(() => pass(ms)) };
}

describe("paced work", () => {
  it("gives others their turn after every 50 ms of its pieces", async () => {
    const { work, piece } = paced(10_000);
    let others = 0;
    const other = () => {
      others++;
      setImmediate(other).unref();
    };
    setImmediate(other);
    let turns = 0;
    for (let i = 0; i < 100; i++) {
      piece(10);
      if (!work.isTurn) continue;
      await work.turn();
      turns++;
    }
    expect(turns).toBe(20);
    expect(others).toBeGreaterThanOrEqual(19);
  });

  it("ends beyond its budget, of which nothing else takes", () => {
    const { piece, pass } = paced(100);
    piece(60);
    pass(1_000);
    piece(40);
    expect(() => piece(1)).toThrow(WorkTooLong);
  });
});
