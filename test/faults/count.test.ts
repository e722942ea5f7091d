import { describe, expect, it } from "vitest";
import type { Sent, SentBatch } from "./batches.ts";
import { countStream } from "./count.ts";
import { countReads } from "./count-reads.ts";
import type { Ledger, SessionRead } from "./session-read.ts";

const batch: SentBatch = {
  sessionId: "s",
  windowId: "w",
  seq: 0,
  end: false,
  eventsHash: "whole",
  eventHashes: ["one", "other"],
};
const last: SentBatch = { ...batch, seq: 1, end: true, eventsHash: "rest", eventHashes: ["last"] };
const sent: Sent = {
  accepted: new Map([["b", batch]]),
  givenUp: [],
  sessions: new Set(["s"]),
  badSessions: new Set(["bad"]),
};

describe("countStream", () => {
  const stored = { batchId: "b", sessionId: "s", eventsHash: "whole" };

  it("finds nothing wrong with what was accepted and is there", () => {
    expect(countStream(sent, [stored])).toMatchObject({ lost: 0, doubled: null, copies: 0, foreign: 0 });
  });
  it("counts copies, which the core folds", () => {
    expect(countStream(sent, [stored, stored])).toMatchObject({ lost: 0, copies: 1 });
  });
  it("takes what is not there, or has other bytes, as lost", () => {
    expect(countStream(sent, []).lost).toBe(1);
    expect(countStream(sent, [{ ...stored, eventsHash: "half" }]).lost).toBe(1);
  });
  it("leaves alone what was sent and got no answer: it may be there", () => {
    expect(countStream(sent, [stored, { ...stored, batchId: "unanswered" }])).toMatchObject({ lost: 0, foreign: 0 });
  });
  it("counts what nobody good has sent", () => {
    expect(countStream(sent, [stored, { ...stored, batchId: "x", sessionId: "bad" }]).foreign).toBe(1);
  });
});

describe("countReads", () => {
  const both: Sent = {
    ...sent,
    accepted: new Map([
      ["b", batch],
      ["c", last],
    ]),
  };
  const window: Ledger["windows"][number] = {
    window_id: "w",
    received: [[0, 1]],
    missing: [],
    dropped: [],
    rejected: [],
    conflicts: [],
    end: true,
  };
  const whole: Ledger = { complete: true, windows: [window] };
  const count = (eventHashes: string[], ledger = whole, of = both) =>
    countReads(of, new Map<string, SessionRead>([["s", { eventHashes, ledger }]]));
  const EVENTS = ["one", "other", "last"];

  it("wants each event once, in its place", () => {
    expect(count(EVENTS)).toEqual({ lost: 0, doubled: 0, untrue: [], copies: null, foreign: 0 });
    expect(count(["one", "last"])).toMatchObject({ lost: 1, doubled: 0, foreign: 0 });
    expect(count(["one", "other", "last", "last"])).toMatchObject({ lost: 0, doubled: 1, foreign: 0 });
    expect(count([...EVENTS, "third"])).toMatchObject({ lost: 0, doubled: 0, foreign: 1 });
    expect(count(["other", "one", "last"]).untrue).toHaveLength(1);
  });

  it("takes a session that the API does not know as lost", () => {
    expect(countReads(both, new Map())).toMatchObject({ lost: 2, untrue: [expect.stringContaining("ledger is null")] });
  });

  it("counts a bad request of which the API knows a session", () => {
    const read = { eventHashes: EVENTS, ledger: whole };
    expect(countReads(both, new Map(["s", "bad"].map((id) => [id, read]))).foreign).toBe(1);
  });

  it.for<[string, Partial<Ledger>]>([
    ["says that it is not complete", { complete: false }],
    ["has received less", { windows: [{ ...window, received: [[0, 0]] }] }],
    ["has received more", { windows: [{ ...window, received: [[0, 2]] }] }],
    ["misses something", { windows: [{ ...window, missing: [[2, 3]] }] }],
    ["lists a dead letter", { windows: [{ ...window, rejected: [{ seq: 1 }] }] }],
    ["knows of a conflict", { windows: [{ ...window, conflicts: [{ seq: 1 }] }] }],
    ["has not seen the end", { windows: [{ ...window, end: false }] }],
    ["knows another window", { windows: [window, { ...window, window_id: "another" }] }],
  ])("notices a ledger that %s", ([, difference]) => {
    const { untrue, ...others } = count(EVENTS, { ...whole, ...difference });
    expect(untrue).toHaveLength(1);
    expect(others).toMatchObject({ lost: 0, doubled: 0, foreign: 0 });
  });

  describe("of a batch that was given up", () => {
    const some: Sent = { ...sent, accepted: new Map([["c", last]]), givenUp: [batch] };
    const without: Ledger = { complete: false, windows: [{ ...window, received: [[1, 1]], missing: [[0, 0]] }] };

    it("takes it as there or as missing", () => {
      expect(count(EVENTS, whole, some)).toMatchObject({ lost: 0, doubled: 0, untrue: [], foreign: 0 });
      expect(count(["last"], without, some)).toMatchObject({ lost: 0, doubled: 0, untrue: [], foreign: 0 });
    });
    it("wants it at most once, and told alike by events and ledger", () => {
      expect(count(["one", "other", "one", "other", "last"], whole, some).doubled).toBe(1);
      expect(count(EVENTS, without, some).foreign).toBe(2);
      expect(count(["last"], whole, some).lost).toBe(1);
    });
    it("does not miss the session of which nothing else was sent", () => {
      expect(countReads({ ...some, accepted: new Map() }, new Map())).toMatchObject({
        lost: 0,
        untrue: [],
        foreign: 0,
      });
    });
  });
});
