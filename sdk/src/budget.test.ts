import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBudget } from "./budget.ts";

const calls: string[] = [];
const brake = { freeze: () => calls.push("freeze"), thaw: (pauseMs: number) => calls.push(`thaw after ${pauseMs}`) };

beforeEach(() => {
  calls.length = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.advanceTimersByTime(10_000);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the budget of the page's thread", () => {
  it("is not felt by a page that changes a little", () => {
    const budget = createBudget(brake);
    for (let second = 0; second < 20; second++) {
      for (let frame = 0; frame < 50; frame++) budget.spend(2);
      vi.advanceTimersByTime(1_100);
    }
    budget.thaw();
    expect(calls).toEqual([]);
  });

  it("pauses for longer and longer while a storm lasts, and forgets it after a second of calm", () => {
    const budget = createBudget(brake);
    for (let storm = 0; storm < 6; storm++) {
      budget.spend(200);
      vi.runAllTimers();
    }
    expect(calls.filter((call) => call.startsWith("thaw"))).toEqual([
      "thaw after 500",
      "thaw after 1000",
      "thaw after 2000",
      "thaw after 4000",
      "thaw after 8000",
      "thaw after 8000",
    ]);
    vi.advanceTimersByTime(1_100);
    budget.spend(1);
    vi.advanceTimersByTime(1_100);
    budget.spend(200);
    vi.runAllTimers();
    expect(calls.at(-1)).toBe("thaw after 500");
  });

  it("holds on through a pause that the visitor has ended early", () => {
    const budget = createBudget(brake);
    budget.spend(200);
    budget.spend(10);
    expect(calls).toEqual(["freeze", "freeze"]);
  });

  it("ends a pause at once when asked to, and only once", () => {
    const budget = createBudget(brake);
    budget.spend(200);
    budget.thaw();
    budget.thaw();
    vi.advanceTimersByTime(10_000);
    expect(calls).toEqual(["freeze", "thaw after 500"]);
  });
});
