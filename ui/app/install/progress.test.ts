import { describe, expect, it } from "vitest";
import { type Installation, stepsOf } from "./progress.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString();
const NOTHING: Installation = {
  write_keys: 1,
  seen: null,
  unknown_key_at: null,
  arriving: false,
  newest_session: null,
};
const SEEN = { at: at(0), origin: "https://shop.example", refused: null };
const states = (installation: Partial<Installation>, workerStatus: "ok" | "down" = "ok") =>
  stepsOf(
    { ...NOTHING, ...installation },
    [{ part: "worker", status: workerStatus, says: "does not answer", tookMs: 1 }],
    NOW,
  ).map(({ state }) => state);

describe("the way of a first session", () => {
  it("ticks itself off step by step", () => {
    expect(states({})).toEqual(["waiting", "waiting", "waiting"]);
    expect(states({ seen: SEEN })).toEqual(["done", "done", "waiting"]);
    expect(states({ seen: SEEN, arriving: true })).toEqual(["done", "done", "waiting"]);
    expect(states({ seen: SEEN, newest_session: { session_id: "s", started_at: at(0) } })).toEqual([
      "done",
      "done",
      "done",
    ]);
    expect(states({ newest_session: { session_id: "s", started_at: at(0) } })).toEqual(["done", "done", "done"]);
  });

  it("says at which step something is in the way", () => {
    expect(states({ write_keys: 0 })[0]).toBe("bad");
    expect(states({ unknown_key_at: at(1) })[0]).toBe("bad");
    expect(states({ unknown_key_at: at(10) })[0]).toBe("waiting");
    expect(states({ seen: { ...SEEN, refused: "origin_not_allowed" } })).toEqual(["done", "bad", "waiting"]);
    expect(states({ seen: { ...SEEN, refused: "key_kind_wrong" } })[1]).toBe("bad");
    expect(states({ seen: SEEN, arriving: true }, "down")).toEqual(["done", "done", "bad"]);
  });
});
