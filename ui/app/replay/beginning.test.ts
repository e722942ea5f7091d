import { describe, expect, it } from "vitest";
import { beginningOf, needsTimeline, textLookedFor } from "./beginning.ts";

const STARTED_AT = "2026-11-20T12:00:00.000Z";
const item = (at_ms: number, type: string, more: object = {}) => ({ at_ms, type, window_id: "w", ...more });
const failed = item(9_000, "$request", {
  text: "POST /pay 402",
  detail: { status: 402, url: "https://shop.example/pay" },
});
const error = item(10_000, "$error", { text: "TypeError: card is null" });
const rage = item(12_000, "$rage_click");
const bought = item(60_000, "bought");
const items = [item(0, "$pageview"), failed, error, rage, bought];

const beginning = (search: Record<string, string>) => beginningOf(new URLSearchParams(search), STARTED_AT, items);

describe("a replay begins", () => {
  it("at the second that its address names, and else at its beginning", () => {
    expect(beginning({ t: "42.5" })).toEqual({ atMs: 42_500, reason: null });
    expect(beginning({ t: "soon", list: "errors=true" })).toEqual({ atMs: 0, reason: null });
    expect(beginning({})).toEqual({ atMs: 0, reason: null });
  });

  it("three seconds before a moment by the clock, and knows what happened then", () => {
    expect(beginning({ at: "2026-11-20T12:01:00.200Z" })).toEqual({ atMs: 57_200, reason: bought });
    expect(beginning({ at: "2026-11-20T12:00:30Z" })).toEqual({ atMs: 27_000, reason: null });
    expect(beginning({ at: "noon" })).toEqual({ atMs: 0, reason: null });
  });

  it("looks for the text that the list looks for", () => {
    expect(textLookedFor(new URLSearchParams({ list: "seen=card+declined&errors=true" }))).toBe("card declined");
    expect(textLookedFor(new URLSearchParams({ list: "errors=true" }))).toBeNull();
    const read = item(5_000, "$text_appeared", { text: "Card declined" });
    const search = new URLSearchParams({ list: "seen=card+declined&errors=true" });
    expect(beginningOf(search, STARTED_AT, [...items, read])).toEqual({ atMs: 2_000, reason: read });
  });

  it.each([
    ["errors=true", error],
    ["rage=true", rage],
    ["event=bought", bought],
    ["error=CARD+is", error],
    ["failed=true", failed],
    ["request_status=4xx", failed],
    ["request_status=500", null],
    ["request_url=/pay", failed],
    ["errors=false", null],
    ["country=DE", null],
    ["event=bought&errors=true", error],
  ])("three seconds before the first for which the list %s has it", (list, reason) => {
    expect(beginning({ list })).toEqual({ atMs: reason ? reason.at_ms - 3_000 : 0, reason });
  });
});

it.each([
  ["", false],
  ["t=42&list=errors%3Dtrue", false],
  ["list=country%3DDE", false],
  ["list=errors%3Dtrue", true],
  ["at=2026-11-20T12:01:00Z", true],
])("what happened is waited for where it says where to begin: %s, %s", (search, isWaitedFor) => {
  expect(needsTimeline(new URLSearchParams(search))).toBe(isWaitedFor);
});
