import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SessionId } from "./batch.ts";
import { type BatchIdentity, batchId, derivedSessionId, digestedBatchId, hashParts } from "./batch-id.ts";

const identity: fc.Arbitrary<BatchIdentity> = fc.record({
  projectId: fc.integer({ min: 1 }),
  sessionId: fc.uuid(),
  windowId: fc.string({ maxLength: 8 }),
  seq: fc.nat(),
  events: fc.uint8Array({ maxLength: 50 }),
});

describe("batchId", () => {
  it("is for ever: what was stored under it must be found under it", () => {
    const events = new TextEncoder().encode('[{"type":4,"timestamp":1}]');
    const sessionId = "0195a000-0000-7000-8000-000000000001";
    expect(batchId({ projectId: 1, sessionId, windowId: "", seq: 0, events })).toBe(
      "252c0edf-570d-c11b-8a8b-dd8269734ffc",
    );
    expect(derivedSessionId(1, events)).toBe("b4e41f0d-c361-8a97-82ef-899942b0ef69");
  });

  it("depends on nothing but its parts", () => {
    fc.assert(
      fc.property(identity, fc.nat(9), (parts, offset) => {
        const elsewhere = new Uint8Array(parts.events.length + offset);
        elsewhere.set(parts.events, offset);
        expect(batchId({ ...parts, events: elsewhere.subarray(offset) })).toBe(batchId(parts));
      }),
    );
  });

  it("is the same by Web Crypto, whatever is hashed meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(identity, { minLength: 1, maxLength: 5 }), async (identities) => {
        expect(await Promise.all(identities.map(digestedBatchId))).toEqual(identities.map(batchId));
      }),
    );
    const large = { projectId: 1, sessionId: "s", windowId: "w", seq: 7, events: new Uint8Array(200_000).fill(9) };
    expect(await digestedBatchId(large)).toBe(batchId(large));
  });

  it("differs when any part differs", () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        for (const part of ["projectId", "sessionId", "windowId", "seq", "events"] as const) {
          if (String(one[part]) === String(other[part])) continue;
          expect(batchId({ ...one, [part]: other[part] })).not.toBe(batchId(one));
        }
      }),
    );
  });

  it("does not take a byte for its neighbour's part", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (left, right) => {
        expect(hashParts(left, right)).not.toBe(hashParts(left + right, ""));
      }),
    );
  });
});

describe("derivedSessionId", () => {
  it("is a session id of version 8, the same for the same events of the same project", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.uint8Array(), (projectId, events) => {
        const id = derivedSessionId(projectId, events);
        expect(SessionId.parse(id)).toBe(id);
        expect(id).toMatch(/^.{8}-.{4}-8.{3}-8.{3}-.{12}$/);
        expect(derivedSessionId(projectId, events)).toBe(id);
        expect(derivedSessionId(projectId + 1, events)).not.toBe(id);
      }),
    );
  });
});
