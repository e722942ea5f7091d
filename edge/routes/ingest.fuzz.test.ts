/** Bodies by the thousand that nobody should send: none may be a 5xx, and none that is no batch may be a 202. */
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
} from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { StreamedBatch } from "#protocol/message.ts";
import { batch, get, giveKey, KEY, openStream, post } from "../test/edge.ts";

const RUNS = 10_000;
const AT_ONCE = 20;
let stream: Awaited<ReturnType<typeof openStream>>;

beforeAll(async () => {
  await giveKey(KEY);
  stream = await openStream();
});
afterAll(() => stream.close());

const utf8 = (text: string) => new TextEncoder().encode(text);
const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** A batch whose members are anything. */
const members = fc.record(
  {
    seq: fc.oneof(fc.integer(), fc.double(), fc.constantFrom(null, "0", 2 ** 32, -0)),
    session_id: fc.oneof(fc.uuid(), fc.string(), fc.constantFrom(null, "__proto__")),
    window_id: fc.oneof(fc.string({ maxLength: 70 }), fc.constant(null)),
    url: fc.oneof(fc.webUrl(), fc.string({ unit: "binary" }), fc.integer()),
    user: fc.oneof(
      fc.jsonValue(),
      fc.record({ id: fc.jsonValue() }),
      fc.constant(JSON.parse('{"__proto__":{"id":1}}')),
    ),
    sealed_at: fc.oneof(fc.double(), fc.integer()),
    sealed_through: fc.oneof(fc.nat(), fc.double()),
    dropped: fc.oneof(fc.jsonValue(), fc.array(fc.record({ from: fc.nat(), to: fc.nat(), reason: fc.string() }))),
    end: fc.oneof(fc.boolean(), fc.jsonValue()),
    events: fc.oneof(
      fc.jsonValue(),
      fc.array(
        fc.record({
          type: fc.oneof(fc.nat(7), fc.jsonValue()),
          timestamp: fc.oneof(fc.nat(), fc.double()),
          data: fc.jsonValue(),
        }),
      ),
    ),
    constructor: fc.jsonValue(),
  },
  { requiredKeys: ["events"] },
);

const text = fc.oneof(
  members.map((value) => JSON.stringify(value)),
  fc.record({ seq: fc.nat(), url: fc.string({ unit: "binary" }) }).map(batch),
  fc
    .tuple(members, members)
    .map(([one, other]) => `${JSON.stringify(one).slice(0, -1)},${JSON.stringify(other).slice(1)}`),
  fc.json(),
  fc.tuple(fc.constantFrom("[", '{"a":', '{"events":['), fc.nat(5_000)).map(([open, depth]) => open.repeat(depth)),
  fc.string({ unit: "binary" }),
);

/** Bytes with a few of them changed, dropped or doubled. */
const damaged = (bytes: Uint8Array) =>
  fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom("set", "cut", "double")), { maxLength: 2 }).map((damages) =>
    damages.reduce((whole, [place, byte, damage]) => {
      if (whole.length === 0) return whole;
      const at = place % whole.length;
      if (damage === "cut") return whole.slice(0, at);
      if (damage === "double")
        return Uint8Array.from([...whole.subarray(0, at), ...whole.subarray(Math.floor(at / 2))]);
      return whole.with(at, byte);
    }, bytes),
  );

const compressors = {
  "": (bytes: Uint8Array) => bytes,
  gzip: gzipSync,
  deflate: deflateSync,
  br: (bytes: Uint8Array) => brotliCompressSync(bytes, fast),
};
const encoding = fc.constantFrom("", "gzip", "deflate", "br");

/** Facts of a framed batch, in a query. */
const query = fc
  .record(
    {
      session_id: fc.oneof({ weight: 5, arbitrary: fc.uuid() }, { weight: 1, arbitrary: fc.string() }),
      seq: fc.oneof({ weight: 5, arbitrary: fc.nat().map(String) }, { weight: 1, arbitrary: fc.string() }),
      window_id: fc.string({ maxLength: 70 }),
      user: fc.oneof(fc.json(), fc.string()),
      dropped: fc.oneof(fc.json(), fc.constant("[]")),
      end: fc.constantFrom("1", "0", "true", "maybe"),
      sealed_at: fc.oneof(fc.nat().map(String), fc.string()),
      t: fc.oneof(fc.nat().map(String), fc.string()),
      __proto__: fc.string(),
      constructor: fc.string(),
    },
    { requiredKeys: ["session_id", "seq"] },
  )
  .map((facts) => `/i?${new URLSearchParams(facts)}`);

const eventsText = fc.oneof(
  fc.array(fc.record({ type: fc.nat(7), timestamp: fc.nat(), data: fc.jsonValue() })).map((all) => JSON.stringify(all)),
  fc.json(),
  fc.string({ unit: "binary" }),
);

const analyticsText = fc
  .record(
    {
      session_id: fc.oneof(fc.uuid(), fc.jsonValue()),
      window_id: fc.oneof(fc.string({ maxLength: 70 }), fc.constant(null)),
      user: fc.jsonValue(),
      events: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record(
            {
              name: fc.oneof(fc.string(), fc.constant("$x")),
              ts: fc.oneof(fc.nat(), fc.double()),
              props: fc.jsonValue(),
            },
            { requiredKeys: ["name", "ts"] },
          ),
        ),
      ),
    },
    { requiredKeys: ["session_id", "events"] },
  )
  .map((value) => JSON.stringify(value));

const target = fc.oneof(
  { weight: 2, arbitrary: text.map((text) => ({ path: "/i", text })) },
  { weight: 2, arbitrary: fc.tuple(query, eventsText).map(([path, text]) => ({ path, text })) },
  { weight: 1, arbitrary: analyticsText.map((text) => ({ path: "/e", text })) },
);

const request = fc
  .record({
    target,
    encoding,
    label: fc.option(fc.constantFrom("", "gzip", "deflate", "br", "zstd", "gzip;q=1"), { freq: 4, nil: undefined }),
  })
  .chain(({ target: { path, text }, encoding, label }) => {
    const bytes = compressors[encoding as keyof typeof compressors](utf8(text));
    return fc.record({
      path: fc.constant(path),
      body: fc.oneof(fc.constant(Uint8Array.from(bytes)), damaged(Uint8Array.from(bytes))),
      label: fc.constant(label ?? encoding),
    });
  });

const inflaters = {
  identity: (bytes: Uint8Array) => bytes,
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** A second opinion on what was accepted, by other means than the edge's. */
function expectBatch({ envelope, body }: StreamedBatch): void {
  const inflated = inflaters[envelope.encoding](body);
  if (envelope.format === "framed") {
    // Its content is the worker's to read: here it is whole, and an array by its ends.
    const text = new TextDecoder().decode(inflated).trim();
    expect([text.at(0), text.at(-1), text.length > 2]).toEqual(["[", "]", true]);
    return;
  }
  const json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(inflated));
  const { events_offset, events_length } = envelope;
  const events = JSON.parse(new TextDecoder().decode(inflated.subarray(events_offset, events_offset + events_length)));
  expect(events).toEqual(json.events);
  expect(events.length).toBeGreaterThan(0);
  if (envelope.format === "analytics") {
    for (const { name, ts } of events)
      expect([typeof name, name.startsWith("$"), ts >= 0]).toEqual(["string", false, true]);
    return;
  }
  for (const event of events) {
    expect(Number.isInteger(event.type)).toBe(true);
    expect(Number.isNaN(new Date(event.timestamp).getTime())).toBe(false);
  }
}

it("POST /i, in both formats, and POST /e answer each of them with what it is, and stores batches alone", {
  timeout: 120_000,
}, async () => {
  const before = await stream.lastSeq();
  const counts = new Map<number, number>();
  const pending = fc.sample(request, RUNS);
  const next = async () => {
    for (let one = pending.pop(); one; one = pending.pop()) {
      // Requests made in this very process leave the runtime no pause to look at its sockets and timers.
      await scheduler.wait(1);
      const { status } = await get(one.path, {
        method: "POST",
        body: one.body as BodyInit,
        headers: { "X-Write-Key": KEY, ...(one.label && { "Content-Encoding": one.label }) },
      });
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  const expected = [202, 400, 413, 415, 422];
  expect([...counts].filter(([status]) => !expected.includes(status))).toEqual([]);

  const stored = await stream.batchesAfter(before);
  expect(stored).toHaveLength(counts.get(202) as number);
  for (const one of stored) expectBatch(one);
  expect((await post(batch())).status).toBe(202);
});
