import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { JsonBatch } from "#protocol/batch.ts";
import { type SealOptions, sealBatches } from "./sealed-batch.ts";

const SESSION = "3f0e8f0a-7c3b-4a52-9d0b-3f6f3a1f6a11";
const event = (n: number) => Buffer.from(`{"type":5,"timestamp":${n}.0}`);
const events = (count: number) => Array.from({ length: count }, (_, n) => event(n));
const seal = (count: number, options: Partial<SealOptions>) =>
  sealBatches(events(count), { sessionId: SESSION, windowId: "w", batchSize: 2, gzip: false, ...options });
const text = (body: Uint8Array) => new TextDecoder().decode(body);

describe("sealBatches", () => {
  it("numbers batches from 0, keeps each event's own text, and marks the last", () => {
    const batches = seal(3, {});
    expect(batches.map(({ seq, events }) => [seq, events])).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(text(batches[1]?.body ?? event(0))).toBe(
      `{"seq":1,"session_id":"${SESSION}","window_id":"w","sealed_through":1,"end":true,"events":[{"type":5,"timestamp":2.0}]}`,
    );
  });

  it("makes bodies that the edge's schema takes", () => {
    for (const { body } of seal(5, {})) expect(JsonBatch.safeParse(JSON.parse(text(body))).success).toBe(true);
  });

  it("says nothing that a client without window ids would not", () => {
    const [batch] = seal(1, { windowId: null });
    expect(Object.keys(JSON.parse(text(batch?.body ?? event(0))))).toEqual(["seq", "session_id", "events"]);
  });

  it("compresses the very same body", () => {
    const [plain] = seal(2, {});
    const [packed] = seal(2, { gzip: true });
    expect(packed?.encoding).toBe("gzip");
    expect(text(gunzipSync(packed?.body ?? event(0)))).toBe(text(plain?.body ?? event(0)));
  });

  it("sends a large event alone", () => {
    const large = Buffer.from(`{"type":2,"timestamp":1,"data":"${"x".repeat(2_000_000)}"}`);
    const options = { sessionId: SESSION, windowId: "w", batchSize: 100, gzip: false };
    expect(sealBatches([event(0), large, event(1)], options).map((batch) => batch.events)).toEqual([1, 1, 1]);
  });
});
