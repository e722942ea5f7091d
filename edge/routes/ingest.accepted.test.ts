import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Receipt } from "#protocol/batch.ts";
import type { StreamedBatch } from "#protocol/message.ts";
import { batch, EVENTS, giveKey, KEY, openStream, post, SESSION } from "../test/edge.ts";

let stream: Awaited<ReturnType<typeof openStream>>;
let before: number;

beforeAll(async () => {
  await giveKey(KEY);
  stream = await openStream();
});
beforeEach(async () => {
  before = await stream.lastSeq();
});
afterAll(() => stream.close());

async function accepted(response: Response): Promise<Receipt> {
  expect(response.status, await response.clone().text()).toBe(202);
  return Receipt.parse(await response.json());
}

async function onlyBatch(): Promise<StreamedBatch> {
  const batches = await stream.batchesAfter(before);
  expect(batches).toHaveLength(1);
  return batches[0] as StreamedBatch;
}

function eventsOf({ envelope, body }: StreamedBatch, inflate = (bytes: Uint8Array) => bytes): string {
  const { events_offset, events_length } = envelope;
  return new TextDecoder().decode(inflate(body).subarray(events_offset, events_offset + events_length));
}

describe("POST /i with a good batch", () => {
  it("answers 202 when the batch is in the stream, as it was sent", async () => {
    const receipt = await accepted(await post(batch()));
    expect(receipt).toEqual({
      status: "accepted",
      session_id: SESSION,
      batch_id: expect.any(String),
      durable: "stream",
    });
    const stored = await onlyBatch();
    expect(new TextDecoder().decode(stored.body)).toBe(batch());
    expect(stored.envelope).toMatchObject({ v: 1, project_id: 1, session_id: SESSION, batch_id: receipt.batch_id });
    expect(eventsOf(stored)).toBe(JSON.stringify(EVENTS));
  });

  it("writes its facts into the envelope, and nothing that it did not say", async () => {
    const facts = {
      seq: 7,
      window_id: "tab-1",
      url: "https://shop.example/cart",
      user: { id: "u1", email: "u1@shop.example", plan: "pro" },
      sealed_at: Date.now() - 1_000,
      sealed_through: 9,
      dropped: [{ from: 3, to: 4, reason: "quota" }],
      end: true,
      sdk: "1.0.0",
      release: "r1",
      environment: "test",
    };
    const startedAt = Date.now();
    await accepted(await post(batch(facts), { headers: { "X-Sent-At": "1700000000123", "User-Agent": "Firefox" } }));
    const { envelope } = await onlyBatch();
    expect(envelope).toMatchObject({ ...facts, sent_at: 1_700_000_000_123, user_agent: "Firefox", durable: "stream" });
    expect(envelope.received_at).toBeGreaterThanOrEqual(startedAt);
    await accepted(await post(batch()));
    const bare = (await stream.batchesAfter(before))[1]?.envelope;
    expect(bare).toMatchObject({ window_id: "", seq: 0, sent_at: null });
    expect(bare).not.toHaveProperty("user");
  });

  it.each([
    ["Authorization", { headers: { Authorization: `Bearer ${KEY}`, "X-Write-Key": "" } }],
    ["X-Write-Key", { headers: { "X-Write-Key": KEY } }],
    ["?k=", { query: `?k=${KEY}` }],
  ])("takes the key by %s", async (_, init) => {
    await accepted(await post(batch(), init));
  });

  it("takes the key in the body, and a key in a header before it", async () => {
    const noHeader = { headers: { "X-Write-Key": "" } };
    await accepted(await post(batch({ project_write_key: KEY }), noHeader));
    await accepted(await post(batch({ project_write_key: "nobody's" })));
  });

  it.each(["application/json", "application/json; charset=utf-8", "text/plain;charset=UTF-8"])(
    "takes %s",
    async (type) => {
      await accepted(await post(batch(), { headers: { "Content-Type": type } }));
    },
  );

  it("takes a body without a content type, as a beacon sends it", async () => {
    const body = new Blob([batch()]);
    await accepted(await post(body.stream(), { query: `?k=${KEY}&t=1700000000000`, headers: { "Content-Type": "" } }));
  });

  it.each([
    ["identity", (bytes: Uint8Array) => bytes, "identity"],
    ["gzip", gzipSync, "gzip"],
    ["x-gzip", gzipSync, "gzip"],
    ["GZIP", gzipSync, "gzip"],
    ["deflate", deflateSync, "deflate"],
    ["br", brotliCompressSync, "br"],
    ["", gzipSync, "gzip"],
  ])("takes Content-Encoding %j, and the batch is the same in each", async (label, compress, encoding) => {
    const plain = await accepted(await post(batch()));
    before = await stream.lastSeq();
    const sent = compress(new TextEncoder().encode(batch()));
    const receipt = await accepted(await post(sent, { headers: label ? { "Content-Encoding": label } : {} }));
    expect(receipt).toEqual(plain);
    const stored = await onlyBatch();
    expect(stored.envelope.encoding).toBe(encoding);
    expect([...stored.body]).toEqual([...sent]);
  });

  it("derives a session from the bytes where none is named, the same for a retry", async () => {
    const body = JSON.stringify({ events: EVENTS });
    const first = await accepted(await post(body));
    const retry = await accepted(await post(gzipSync(body)));
    expect(retry).toEqual(first);
    expect(first.session_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/);
  });

  it("keeps the events' own text: numbers, order of names, blanks and escapes", async () => {
    const events =
      '[ {"type":3 , "timestamp":1.70e12,"data":{"b":1.0,"2":1e3,"1":12345678901234567890,"z":-0,"é":"\\u00e9"}} ]';
    await accepted(await post(`{"events":0,"session_id":"${SESSION}" , "\\u0065vents" : ${events}}`));
    expect(eventsOf(await onlyBatch())).toBe(events);
  });

  it("takes a full snapshot that inflates to 10 MiB", async () => {
    const heavy = { type: 2, timestamp: 1_700_000_000_000, data: { node: "<div>".repeat(2_090_000) } };
    await accepted(await post(gzipSync(batch({ events: [heavy] }))));
    const stored = await onlyBatch();
    expect(eventsOf(stored, gunzipSync)).toBe(JSON.stringify([heavy]));
  });

  it("takes many at once over one connection, and each is in the stream once", async () => {
    const bodies = Array.from({ length: 100 }, (_, seq) => batch({ seq }));
    const receipts = await Promise.all(bodies.map(async (body) => accepted(await post(body))));
    const stored = await stream.batchesAfter(before);
    expect(stored.map(({ envelope }) => envelope.batch_id).sort()).toEqual(receipts.map((r) => r.batch_id).sort());
  });

  it("lets any page read the answer while the project names no origins, without credentials", async () => {
    const { headers } = await post(batch(), { headers: { Origin: "https://shop.example" } });
    expect(headers.get("Access-Control-Allow-Origin")).toBe("https://shop.example");
    expect(headers.get("Vary")).toBe("Origin");
    expect(headers.get("Access-Control-Allow-Credentials")).toBeNull();
  });
});
