import { describe, expect, it } from "vitest";
import { type Arrival, correctedMs, proposeClaim, receivedOn } from "./claim.ts";

const NOON = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const arrival = (facts: Partial<Arrival> = {}): Arrival => ({
  received_at: NOON,
  sent_at: null,
  last_ts: NOON - 1_000,
  ...facts,
});

describe("what a pull proposes for a session that it sees first", () => {
  it("is the least received-at of its batches, whatever their order", () => {
    const claim = proposeClaim([arrival({ received_at: NOON + 9 }), arrival({ received_at: NOON }), arrival()]);
    expect(claim.first_received_at).toBe(NOON);
  });

  it.each<[string, Arrival[], number]>([
    ["leaves a clock alone that is less than five minutes off", [arrival({ sent_at: NOON - 5 * MINUTE + 1 })], 0],
    ["moves a clock that is behind", [arrival({ sent_at: NOON - 7 * MINUTE })], 7 * MINUTE],
    ["moves a clock that is ahead", [arrival({ sent_at: NOON + 90 * MINUTE })], -90 * MINUTE],
    [
      "goes by the quickest of the ways: a slow upload is no skew",
      [arrival({ sent_at: NOON - 20 * MINUTE }), arrival({ sent_at: NOON - 6 * MINUTE })],
      6 * MINUTE,
    ],
    [
      "takes a batch that lay in a store for days for what it is",
      [arrival({ sent_at: NOON, last_ts: NOON - 9 * DAY })],
      0,
    ],
    ["believes the past where the client does not tell its clock", [arrival({ last_ts: NOON - 9 * DAY })], 0],
    ["does not believe the future: the last event was received now", [arrival({ last_ts: NOON + 2 * DAY })], -2 * DAY],
    ["bears a future of less than five minutes", [arrival({ last_ts: NOON + 5 * MINUTE })], 0],
    [
      "goes by the first received batch where no clock is told",
      [arrival({ received_at: NOON + 1, last_ts: NOON + DAY }), arrival()],
      0,
    ],
  ])("%s", (_name, arrivals, offset) => {
    const [first, ...rest] = arrivals as [Arrival, ...Arrival[]];
    expect(proposeClaim([first, ...rest]).clock_offset_ms).toBe(offset);
  });
});

describe("a client's time by the claim", () => {
  const claim = { first_received_at: NOON, clock_offset_ms: -10 };

  it("is moved by the offset", () => {
    expect(correctedMs(NOON, claim)).toBe(NOON - 10);
  });

  it("is a whole ms: it stands in a key", () => {
    expect(correctedMs(NOON + 0.75, claim)).toBe(NOON - 10);
  });

  it.each([
    ["31 days before", 0, NOON - 31 * DAY],
    ["25 hours after", 8.64e15, NOON + 25 * 60 * MINUTE],
  ])("is kept within the span of the claim: %s", (_name, ts, expected) => {
    expect(correctedMs(ts, claim)).toBe(expected);
  });

  it("has the UTC day of the claim for its partition", () => {
    expect(receivedOn({ first_received_at: Date.UTC(2026, 11, 31, 23, 59, 59, 999), clock_offset_ms: 0 })).toBe(
      "2026-12-31",
    );
  });
});
