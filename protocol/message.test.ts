import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Envelope } from "./envelope.ts";
import {
  decodeMessage,
  encodeHead,
  encodeMessage,
  framesIn,
  joinFrames,
  type StreamedBatch,
  spooledFrames,
} from "./message.ts";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const uuid = fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map((parts) => parts.join("-"));
const clock = fc.integer({ min: 0, max: 8.64e15 });

const envelope: fc.Arbitrary<Envelope> = fc.record(
  {
    v: fc.constant(1),
    project_id: fc.integer({ min: 1 }),
    session_id: uuid,
    window_id: fc.oneof(fc.constant(""), uuid),
    seq: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    batch_id: uuid,
    received_at: clock,
    durable: fc.constantFrom("stream", "spool"),
    format: fc.constantFrom("json", "framed"),
    encoding: fc.constantFrom("identity", "gzip", "deflate", "br"),
    events_offset: fc.nat(),
    events_length: fc.integer({ min: 2 }),
    sent_at: clock,
    url: fc.string({ unit: "binary", maxLength: 30 }),
    user: fc.record({ id: fc.string({ unit: "binary" }), plan: fc.jsonValue() }),
  },
  {
    requiredKeys: [
      "v",
      "project_id",
      "session_id",
      "window_id",
      "seq",
      "batch_id",
      "received_at",
      "durable",
      "format",
      "encoding",
      "events_offset",
      "events_length",
    ],
  },
);
const batch: fc.Arbitrary<StreamedBatch> = fc.record({ envelope, body: fc.uint8Array({ maxLength: 200 }) });
const batches = fc.array(batch, { minLength: 1, maxLength: 5 });

/** What JSON keeps of a value: no -0, no member that is undefined. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("a message", () => {
  it("gives back each envelope, and each body byte for byte", () => {
    fc.assert(
      fc.property(batches, (sent) => {
        const message = decodeMessage(encodeMessage(sent));
        if (!message.ok) throw new Error(message.reason);
        expect(message.batches.map((decoded) => decoded.ok && decoded.envelope)).toEqual(
          sent.map(({ envelope }) => asJson(envelope)),
        );
        expect(message.batches.map(({ body }) => [...body])).toEqual(sent.map(({ body }) => [...body]));
      }),
    );
  });

  it("can be read where it lies inside a larger buffer", () => {
    fc.assert(
      fc.property(batches, fc.nat(16), (sent, offset) => {
        const message = encodeMessage(sent);
        const larger = new Uint8Array(message.length + offset + 7);
        larger.set(message, offset);
        expect(decodeMessage(larger.subarray(offset, offset + message.length))).toEqual(decodeMessage(message));
      }),
    );
  });

  it("is refused as a whole when it is cut short anywhere, or goes on after its end", () => {
    fc.assert(
      fc.property(batches, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (sent, part) => {
        const message = encodeMessage(sent);
        expect(decodeMessage(message.subarray(0, Math.floor(message.length * part))).ok).toBe(false);
        expect(decodeMessage(Uint8Array.from([...message, 0]))).toEqual({ ok: false, reason: "message_overlong" });
      }),
    );
  });

  it("is refused when its version is unknown or it holds no batch", () => {
    const message = encodeMessage([]);
    expect(decodeMessage(message)).toEqual({ ok: false, reason: "message_empty" });
    message[0] = 2;
    expect(decodeMessage(message)).toEqual({ ok: false, reason: "message_version_unknown: 2" });
  });

  it("reports a bad envelope for its batch alone, and keeps its text and body", () => {
    fc.assert(
      fc.property(batch, batch, (good, bad) => {
        const malformed = { ...bad, envelope: { ...bad.envelope, seq: -1 } };
        const message = decodeMessage(encodeMessage([good, malformed, good]));
        if (!message.ok) throw new Error(message.reason);
        expect(message.batches.map(({ ok }) => ok)).toEqual([true, false, true]);
        expect(message.batches[1]).toMatchObject({
          reason: expect.stringMatching(/^envelope_malformed: seq /),
          envelopeText: JSON.stringify(malformed.envelope),
          body: bad.body,
        });
      }),
    );
  });

  it("never throws, whatever the bytes are", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.tuple(batches, fc.nat(), fc.nat(255)).map(([sent, at, byte]) => {
        const message = encodeMessage(sent);
        message[at % message.length] = byte;
        return message;
      }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        expect(typeof decodeMessage(bytes).ok).toBe("boolean");
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("heads", () => {
  it("stay what they are, however many and large the next ones are", () => {
    const texts = fc.array(fc.string({ unit: "binary", maxLength: 20_000, size: "max" }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(texts, fc.nat(), (texts, bodyBytes) => {
        const heads = texts.map((text) => encodeHead(text, bodyBytes));
        heads.forEach((head, i) => {
          const json = new TextEncoder().encode(texts[i]);
          const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
          expect(view.getUint32(0)).toBe(json.byteLength);
          expect(Buffer.compare(head.subarray(4, -4), json)).toBe(0);
          expect(view.getUint32(4 + json.byteLength)).toBe(bodyBytes);
          expect(head.byteLength).toBe(8 + json.byteLength);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe("spooled frames", () => {
  const framesOf = (sent: StreamedBatch[]) =>
    sent.map(({ envelope, body }) => ({ head: encodeHead(envelope, body.byteLength), body }));

  it("say so, and are else what they were, members that are not known too", () => {
    fc.assert(
      fc.property(batches, fc.dictionary(fc.string(), fc.jsonValue()), (sent, others) => {
        const extended = sent.map(({ envelope, body }) => ({
          envelope: { ...envelope, of_a_later_version: others } as Envelope,
          body,
        }));
        const bytes = spooledFrames(framesOf(extended));
        const message = decodeMessage(joinFrames(sent.length, [bytes]));
        if (!message.ok) throw new Error(message.reason);
        expect(message.batches.map((decoded) => decoded.ok && decoded.envelope)).toEqual(
          extended.map(({ envelope }) => asJson({ ...envelope, durable: "spool" })),
        );
        expect(message.batches.map(({ body }) => [...body])).toEqual(sent.map(({ body }) => [...body]));
      }),
    );
  });

  it("can be told apart, and not if they are cut", () => {
    fc.assert(
      fc.property(batches, fc.nat(), (sent, cut) => {
        const bytes = spooledFrames(framesOf(sent));
        const frames = framesIn(bytes) ?? [];
        expect(frames.map((frame) => [...frame])).toEqual(sent.map((batch) => [...spooledFrames(framesOf([batch]))]));
        const ends = new Set(frames.map((frame) => frame.byteOffset + frame.byteLength));
        const at = 1 + (cut % (bytes.byteLength - 1));
        expect(framesIn(bytes.subarray(0, at)) === null).toBe(!ends.has(at));
      }),
    );
  });
});
