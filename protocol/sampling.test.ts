import { expect, it } from "vitest";
import { isSampledIn } from "./sampling.ts";

const sessions = Array.from(
  { length: 20_000 },
  (_, i) => `0195a000-0000-7000-8000-${i.toString(16).padStart(12, "0")}`,
);
const partIn = (rate: number) => sessions.filter((session) => isSampledIn(session, rate)).length / sessions.length;

it("records the part of the sessions that was asked for, also where their ids differ by a digit", () => {
  expect([partIn(0), partIn(1)]).toEqual([0, 1]);
  for (const rate of [0.01, 0.1, 0.5, 0.9]) expect(Math.abs(partIn(rate) - rate)).toBeLessThan(0.015);
});

it("keeps what it recorded when the rate is raised", () => {
  const low = sessions.filter((session) => isSampledIn(session, 0.2));
  expect(low.every((session) => isSampledIn(session, 0.3))).toBe(true);
});
