import { readFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnalyticsEvent } from "#protocol/analytics.ts";
import { batchId } from "#protocol/batch-id.ts";
import { RrwebEvent } from "#protocol/event.ts";
import { VALUES_MAX } from "#protocol/limits.ts";
import { custom, event, type Sealed, sealed, sealedCustom } from "../testing/sealed.ts";
import { isDead } from "../verdict.ts";
import { type DecodedBatch, decodeBatch } from "./decode.ts";

const decode = (batch: Sealed) => decodeBatch({ stream_seq: 1, ...batch });

function decodedAs<T extends DecodedBatch["holds"]>(holds: T, batch: Sealed): Extract<DecodedBatch, { holds: T }> {
  const result = decode(batch);
  if (isDead(result)) throw new Error(`${result.reason} ${result.detail}`);
  if (result.holds !== holds) throw new Error(`holds ${result.holds}`);
  return result as Extract<DecodedBatch, { holds: T }>;
}
const decoded = (batch: Sealed) => decodedAs("recording", batch);
const decodedCustom = (batch: Sealed) => decodedAs("custom events", batch);

const payloads = ({ text, events }: ReturnType<typeof decoded>) =>
  events.map(({ start, end }) => Buffer.from(text.subarray(start, end)).toString());

describe("a batch that is decoded", () => {
  it.each(["identity", "gzip", "deflate", "br"] as const)("may have come as %s", (encoding) => {
    const events = [event(0), event(9)];
    const found = decoded(sealed(events, { encoding }));
    expect(payloads(found).map((payload) => JSON.parse(payload))).toEqual(events);
    expect([found.first_ts, found.last_ts]).toEqual([event(0).timestamp, event(9).timestamp]);
  });

  it("keeps the exact text of each event", () => {
    const texts = ['{"timestamp":1,"type":3,"data":1.0}', '{ "type":2 , "timestamp":2e3,"data":"\\ud83e 漢\\u0000" }'];
    expect(payloads(decoded(sealed(`[ ${texts.join("\n,")}\t]`)))).toEqual(texts);
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
    expect(payloads(decoded(sealed(events))).map((payload) => JSON.parse(payload))).toEqual(events);
  });
});

const deepEvent = (type: number, levels: number) =>
  `[{"type":${type},"timestamp":1,"data":{"plugin":"rrweb/console@1","payload":${"[".repeat(levels)}${"]".repeat(levels)}}}]`;

it("a page is decoded, however deep it is", () => {
  expect(payloads(decoded(sealed(deepEvent(2, 9_000))))).toHaveLength(1);
});

describe("a batch whose facts would be millions of values", () => {
  const told = (payload: string, more = "") =>
    `{"type":5,"timestamp":1,"data":{"tag":"t","payload":${payload}}${more}}`;
  const list = (values: number, value = "1") => `[${Array(values).fill(value).join(",")}]`;
  const deep = `{"type":3,"timestamp":1,"data":${"[".repeat(3_000)}${"]".repeat(3_000)}}`;

  it.each([
    ["", []],
    [" also where it is parsed, since a page in it is deep", [deep]],
  ])("tells the tag alone of an event that has too many, and has each event byte for byte%s", (_, more) => {
    const texts = [told("1"), told(`[12345678901234567890,${list(VALUES_MAX)}]`), told('{"a":2}'), ...more];
    const found = decoded(sealed(`[${texts.join(",")}]`));
    expect(found.events.slice(0, 3).map(({ data }) => data)).toEqual([
      { tag: "t", payload: 1 },
      { tag: "t" },
      { tag: "t", payload: { a: 2 } },
    ]);
    expect(payloads(found)).toEqual(texts);
  });

  it("tells as much of many events as of one", () => {
    const values = VALUES_MAX / 4;
    const { events } = decoded(
      sealed(
        `[${Array(9)
          .fill(told(list(values, "{}")))
          .join(",")}]`,
      ),
    );
    expect(events.map(({ data }) => Object.keys(data as object).length)).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it.each([
    ["a plugin", `{"type":6,"timestamp":1,"data":{"plugin":"rrweb/console@1","payload":${list(VALUES_MAX)}}}`],
    ["a tag that does not come first", `{"type":5,"timestamp":1,"data":{"payload":${list(VALUES_MAX)},"tag":"t"}}`],
    ["a source that is not known", `{"type":3,"timestamp":1,"data":{"source":99,"x":${list(VALUES_MAX)}}}`],
  ])("tells nothing of %s", (_, text) => {
    const { events } = decoded(sealed(`[${text}]`));
    expect(events.map(({ data }) => data)).toEqual([undefined]);
  });

  it("is malformed as any other where it is no event", () => {
    expect(decode(sealed(`[{"type":5,"data":${list(VALUES_MAX)}}]`))).toMatchObject({ reason: "event_malformed" });
    expect(decode(sealed(`[${told(`${list(VALUES_MAX)}nope`)}]`))).toMatchObject({ reason: "event_malformed" });
  });

  it("is dead where the events are custom ones: nothing else holds them", () => {
    const props = (values: number) => `[{"name":"n","ts":1,"props":{"a":${list(values)}}}]`;
    expect(decode(sealedCustom(props(VALUES_MAX)))).toMatchObject({ kind: "dead", reason: "events_too_many_values" });
    expect(decodedCustom(sealedCustom(props(VALUES_MAX - 20))).events).toHaveLength(1);
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
    ["events_too_deep", sealed(deepEvent(6, 9_000))],
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

describe("a batch of custom events", () => {
  it("is decoded into what each event says, whatever it leaves out", () => {
    const sent = [
      custom(9, "bought", { url: "https://shop.test/pay", props: { total: 12.5, items: ["a", 1, null] }, extra: 1 }),
      custom(3, "left", { url: null, props: null }),
    ];
    expect(decodedCustom(sealedCustom(sent))).toMatchObject({
      events: [
        { name: "bought", url: "https://shop.test/pay", props: { total: 12.5, items: ["a", 1, null] } },
        { name: "left", url: "", props: {} },
      ],
      first_ts: event(3).timestamp,
      last_ts: event(9).timestamp,
    });
  });

  it("keeps integers that only a column of 64 bits holds, and the text of what none does", () => {
    const props =
      '{"id":9007199254740993,"u":18446744073709551615,"i":-9223372036854775808,"far":[1e400],"big":18446744073709551616}';
    const [found] = decodedCustom(sealedCustom(`[{"name":"n","ts":1,"props":${props}}]`)).events;
    expect(found?.props).toEqual({
      id: 9007199254740993n,
      u: 2n ** 64n - 1n,
      i: -(2n ** 63n),
      far: ["1e400"],
      big: 2 ** 64,
    });
  });

  const deep = (levels: number) => `[{"name":"n","ts":1,"props":{"a":${"[".repeat(levels)}${"]".repeat(levels)}}}]`;

  it.each<[string, string | Buffer]>([
    ["events_not_an_array", "[}"],
    ["events_empty", "[]"],
    ["event_malformed", '[{"name":"n","ts":1},{"name":"n","ts":nope}]'],
    ["event_malformed", '[{"name":"n","ts":1},7]'],
    ["event_malformed", '[{"name":"n"}]'],
    ["event_malformed", '[{"name":"","ts":1}]'],
    ["event_malformed", '[{"name":"$pageview","ts":1}]'],
    ["event_malformed", '[{"name":"n","ts":1e400}]'],
    ["event_malformed", '[{"name":"n","ts":1,"props":[]}]'],
    ["event_malformed", '[{"type":3,"timestamp":1}]'],
    ["events_too_deep", deep(1_998)],
    ["events_not_utf8", Buffer.from('[{"name":"\xff","ts":1}]', "latin1")],
  ])("is dead as a whole for %s", (reason, text) => {
    expect(decode(sealedCustom(text))).toMatchObject({ kind: "dead", reason });
  });

  it("may be nested as deep as the edge admits", () => {
    expect(decodedCustom(sealedCustom(deep(1_996))).events).toHaveLength(1);
  });

  it("is told by its envelope alone: under another id, or out of bounds, it is dead as any batch", () => {
    const whole = sealedCustom([custom(0)]);
    const enveloped = (facts: Partial<Sealed["envelope"]>) => ({ ...whole, envelope: { ...whole.envelope, ...facts } });
    expect(decode(enveloped({ seq: 1 }))).toMatchObject({ reason: "batch_id_wrong" });
    expect(decode(enveloped({ events_length: 10_000 }))).toMatchObject({ reason: "events_out_of_bounds" });
    expect(decode(enveloped({ format: "json" }))).toMatchObject({ reason: "event_malformed" });
  });

  it("is taken where the schema takes it by which the edge admits it, and never throws", () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          name: fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("$x", "x".repeat(201)), fc.nat()),
          ts: fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(-1, 0, 8.64e15, 8.64e15 + 2, "1", null), fc.nat()),
          url: fc.oneof(fc.webUrl(), fc.nat(), fc.constantFrom(null, "u".repeat(16_385))),
          props: fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue())),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (json) => {
        const text = JSON.stringify(json);
        const admitted = JSON.parse(text).every((event: unknown) => AnalyticsEvent.safeParse(event).success);
        expect(isDead(decode(sealedCustom(text)))).toBe(!admitted);
      }),
      { numRuns: 500 },
    );
  });

  it("is rows or dead, whatever bytes stand where its events should", () => {
    const whole = Buffer.from(JSON.stringify([custom(0, "bought", { props: { a: [1, { b: "\\" }] } }), custom(1)]));
    const mangled = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), cut: fc.nat(whole.length) });
    fc.assert(
      fc.property(mangled, ({ at, byte, cut }) => {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        const { envelope, body } = sealedCustom(whole, { encoding: "identity" });
        const changed = Buffer.concat([body.subarray(0, envelope.events_offset), bytes]);
        for (const events of [bytes, bytes.subarray(0, Math.max(cut, 2))]) {
          const identity = {
            projectId: 1,
            sessionId: envelope.session_id,
            windowId: envelope.window_id,
            seq: 0,
            events,
          };
          const found = decode({
            envelope: { ...envelope, batch_id: batchId(identity), events_length: events.length },
            body: changed,
          });
          expect(isDead(found) || found.events.length > 0).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
