import { describe, expect, it } from "vitest";
import { isTimeZone, shortMoment } from "./moment.ts";

describe("shortMoment", () => {
  const now = new Date("2026-03-17T15:00:00Z"); // a Tuesday
  it.each([
    ["2026-03-17T13:02:00Z", "UTC", "13:02"],
    ["2026-03-17T13:02:00Z", "Europe/Berlin", "14:02"],
    ["2026-03-16T23:30:00Z", "UTC", "Mon 23:30"],
    ["2026-03-16T23:30:00Z", "Europe/Berlin", "00:30"], // already today there
    ["2026-03-10T10:00:00Z", "UTC", "10 Mar 10:00"], // a week ago: the weekday alone would mislead
    ["2025-11-02T10:00:00Z", "UTC", "2 Nov 2025"],
    ["2026-03-18T10:00:00Z", "UTC", "18 Mar 10:00"], // a client's clock ahead of ours
  ])("shows %s in %s as %s", (at, zone, text) => expect(shortMoment(new Date(at), now, zone)).toBe(text));
});

describe("isTimeZone", () => {
  it("knows zones, and nothing else that a cookie may hold", () => {
    expect(["Europe/Berlin", "UTC", "", "Mars/Base", "<script>"].map(isTimeZone)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
