import { describe, expect, it } from "vitest";
import { countReads, countStream } from "./count.ts";

const facts = { sessionId: "s", seq: 0, eventsHash: "whole", eventHashes: ["one", "other"] };
const sent = { accepted: new Map([["b", facts]]), sessions: new Set(["s"]) };
const stored = { batchId: "b", sessionId: "s", eventsHash: "whole" };

describe("countStream", () => {
  it("finds nothing wrong with what was accepted and is there", () => {
    expect(countStream(sent, [stored])).toEqual({ lost: 0, doubled: null, copies: 0, foreign: 0 });
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
  it("wants each event once", () => {
    expect(countReads(sent, new Map([["s", ["one", "other"]]]))).toMatchObject({ lost: 0, doubled: 0, foreign: 0 });
    expect(countReads(sent, new Map([["s", ["one"]]]))).toMatchObject({ lost: 1, doubled: 0 });
    expect(countReads(sent, new Map([["s", ["one", "other", "other"]]]))).toMatchObject({ lost: 0, doubled: 1 });
    expect(countReads(sent, new Map([["s", ["one", "other", "third"]]]))).toMatchObject({ foreign: 1 });
  });
});
