import { expect, test } from "vitest";
import { quotaInWords } from "./quota.ts";

const usage = {
  to: "2026-12-01T00:00:00.000Z",
  sessions: { used: 8_500, quota: 10_000 },
  bytes: { used: 1_250_000_000, quota: null },
};

test("nothing is said while there is room", () => {
  expect(quotaInWords({ ...usage, warning: "none" })).toBeNull();
});

test("says what will end, when, and how much of which quota is used", () => {
  expect(quotaInWords({ ...usage, warning: "near" })).toEqual({
    title: "Most of this month's quota is used",
    body: "When it is used up, new sessions are not recorded until 1 December.",
    bars: [{ label: "8,500 of 10,000 sessions", part: 0.85 }],
  });
});

test("names a small quota in megabytes", () => {
  const bytes = { used: 1_349_460, quota: 5_000_000 };
  expect(quotaInWords({ ...usage, bytes, warning: "near" })?.bars[1]?.label).toBe("1.35 of 5 MB");
});

test("says what has ended, and what goes on", () => {
  const bytes = { used: 1_250_000_000, quota: 1_000_000_000 };
  expect(quotaInWords({ ...usage, bytes, warning: "used_up" })).toMatchObject({
    title: "This month's quota is used up",
    body: expect.stringContaining("Those that had begun are recorded to their end"),
    bars: [{ part: 0.85 }, { label: "1.25 of 1 GB", part: 1.25 }],
  });
});
