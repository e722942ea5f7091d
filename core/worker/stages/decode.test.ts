import { readFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RrwebEvent } from "#protocol/event.ts";
import { event, type Sealed, sealed } from "../testing/sealed.ts";
import { isDead } from "../verdict.ts";
import { type DecodedBatch, decodeBatch } from "./decode.ts";

const decode = (batch: Sealed) => decodeBatch({ stream_seq: 1, ...batch });

function decoded(batch: Sealed): DecodedBatch {
  const result = decode(batch);
  if (isDead(result)) throw new Error(`${result.reason} ${result.detail}`);
  return result;
}

describe("a batch that is decoded", () => {
  it.each(["identity", "gzip", "deflate", "br"] as const)("may have come as %s", (encoding) => {
    const events = [event(0), event(9)];
    const { events: found, first_ts, last_ts } = decoded(sealed(events, { encoding }));
    expect(found.map(({ payload }) => JSON.parse(payload))).toEqual(events);
    expect([first_ts, last_ts]).toEqual([event(0).timestamp, event(9).timestamp]);
  });

  it("keeps the exact text of each event", () => {
    const texts = ['{"timestamp":1,"type":3,"data":1.0}', '{ "type":2 , "timestamp":2e3,"data":"\\ud83e 漢\\u0000" }'];
    expect(decoded(sealed(`[ ${texts.join("\n,")}\t]`)).events.map(({ payload }) => payload)).toEqual(texts);
  });

  it("has its times from the events, in whatever order they lie", () => {
    expect(decoded(sealed([event(50), event(7), event(20)]))).toMatchObject({
      first_ts: event(7).timestamp,
      last_ts: event(50).timestamp,
    });
  });

  it("keeps of the parsed events only what facts are read from", () => {
    const { events } = decoded(
      sealed([event(0, 4, { href: "x" }), event(1, 2, { node: {} }), event(2, 5, { tag: "t" })]),
    );
    expect(events.map(({ data }) => data)).toEqual([{ href: "x" }, undefined, { tag: "t" }]);
  });

  it("may be a recording of a real application", async () => {
    const recording = gunzipSync(
      await readFile(new URL("../../../test/recordings/api-explorer.json.gz", import.meta.url)),
    );
    const events = JSON.parse(recording.toString()) as object[];
    expect(decoded(sealed(events)).events.map(({ payload }) => JSON.parse(payload))).toEqual(events);
  });
});

describe("a batch that can never be decoded", () => {
  const whole = sealed([event(0)]);
  const enveloped = (facts: Partial<Sealed["envelope"]>): Sealed => ({
    ...whole,
    envelope: { ...whole.envelope, ...facts },
  });

  it.each<[string, Sealed]>([
    ["body_not_inflatable", { ...whole, body: whole.body.subarray(0, -9) }],
    ["body_not_inflatable", { ...whole, body: Buffer.from("no gzip") }],
    ["body_not_inflatable", enveloped({ encoding: "br" })],
    ["body_too_large", { ...whole, body: gzipSync(Buffer.alloc(13 * 1024 * 1024)) }],
    ["events_out_of_bounds", enveloped({ events_length: 10_000 })],
    ["batch_id_wrong", enveloped({ events_offset: whole.envelope.events_offset + 1 })],
    ["batch_id_wrong", enveloped({ seq: 9 })],
    ["events_not_an_array", sealed("[}")],
    ["events_not_an_array", sealed('[{"type":3,"timestamp":1} {"type":3,"timestamp":2}]')],
    ["events_empty", sealed("[]")],
    ["event_malformed", sealed('[{"type":3,"timestamp":1},{"type":3,"timestamp":nope}]')],
    ["event_malformed", sealed('[{"type":3,"timestamp":1},7]')],
    ["event_malformed", sealed('[{"type":3}]')],
  ])("%s", (reason, batch) => {
    expect(decode(batch)).toMatchObject({ kind: "dead", reason });
  });

  it("inflates no further than its bound, however large the bomb", () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    expect(decode({ ...whole, body: bomb })).toMatchObject({ reason: "body_too_large" });
  });

  it("has bytes that are no UTF-8: a string of them would not be what was sent", () => {
    const array = Buffer.from('[{"type":3,"timestamp":1,"data":"?"}]');
    expect(isDead(decode(sealed(array)))).toBe(false);
    array[array.indexOf("?")] = 0xc3;
    expect(decode(sealed(array))).toMatchObject({ kind: "dead", reason: "events_not_utf8" });
  });
});

it("takes the same events as the schema by which the edge admits them", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        type: fc.oneof(fc.integer({ min: -2, max: 300 }), fc.double(), fc.string(), fc.constant(null)),
        timestamp: fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(-1, 0, 8.64e15, 8.64e15 + 2, "1"), fc.nat()),
        data: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(value, (json) => {
      const text = JSON.stringify(json);
      const admitted = RrwebEvent.safeParse(JSON.parse(text)).success;
      expect(isDead(decode(sealed(`[${text}]`)))).toBe(!admitted);
    }),
    { numRuns: 500 },
  );
});
