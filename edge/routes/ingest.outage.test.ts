import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Receipt } from "#protocol/batch.ts";
import { Problem } from "#protocol/problem.ts";
import { CORE_REST_MS } from "../settings/keys.ts";
import { batch, get, giveKey, KEY, openStream, post, steer } from "../test/edge.ts";

let stream: Awaited<ReturnType<typeof openStream>>;

beforeAll(async () => {
  await giveKey(KEY);
  stream = await openStream();
});
beforeEach(async () => {
  expect((await post(batch())).status).toBe(202);
});
afterAll(() => stream.close());

async function unavailable(response: Response, code: string): Promise<void> {
  expect([response.status, Problem.parse(await response.json()).code]).toEqual([503, code]);
  expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
}

/** Posts until it is a 202, and gives the batch id. */
async function accepted(body: string): Promise<string> {
  await expect.poll(() => post(body).then(({ status }) => status), { timeout: 15_000 }).toBe(202);
  return Receipt.parse(await (await post(body)).json()).batch_id;
}

describe("while nats-server is gone", () => {
  it("answers 503, and 202 again soon after it is back; what got a 202 before is still there", async () => {
    const before = await stream.lastSeq();
    const held = Receipt.parse(await (await post(batch({ seq: 1 }))).json());
    await steer({ nats: "kill" });
    await unavailable(await post(batch({ seq: 2 })), "batch_not_durable");
    const many = await Promise.all(Array.from({ length: 30 }, (_, seq) => post(batch({ seq: seq + 10 }))));
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([503]));
    expect((await get("/healthz")).status).toBe(503);

    await steer({ nats: "start" });
    const later = await accepted(batch({ seq: 3 }));
    stream = await openStream();
    const ids = (await stream.batchesAfter(before)).map(({ envelope }) => envelope.batch_id);
    expect(ids).toContain(held.batch_id);
    expect(ids).toContain(later);
  });
});

describe("while nats-server is frozen", () => {
  it("answers 503 after its budget, and 202 again when it thaws", async () => {
    await steer({ nats: "freeze" });
    try {
      await unavailable(await post(batch({ seq: 4 })), "batch_not_durable");
    } finally {
      await steer({ nats: "thaw" });
    }
    await accepted(batch({ seq: 4 }));
  });
});

describe("while the stream is full, or not there", () => {
  it("answers 503, and 202 again when there is room", async () => {
    const { config } = await stream.manager.streams.info("EVENTS");
    await stream.manager.streams.update("EVENTS", { max_bytes: 1 });
    await unavailable(await post(batch({ seq: 5 })), "batch_not_durable");
    expect(await (await get("/healthz")).json()).toMatchObject({ relays: [{ refusing: "stream_full" }] });
    await stream.manager.streams.update("EVENTS", { max_bytes: config.max_bytes });
    expect((await post(batch({ seq: 5 }))).status).toBe(202);
    expect((await get("/healthz")).status).toBe(200);
  });
});

describe("GET /healthz", () => {
  it("is 200 while the relay is connected, and names it", async () => {
    const response = await get("/healthz");
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    expect(await response.json()).toEqual({
      status: "ok",
      relays: [{ name: "relay:any:xx:0", connected: true, refusing: null }],
    });
  });
});

describe("while the core is gone", () => {
  it("goes on for keys it has seen, and answers 503 for the others, never 401", async () => {
    const fresh = await giveKey("key_first_used_while_the_core_is_away");
    await steer({ core: "gone" });
    try {
      await unavailable(await post(batch(), { query: `?k=${fresh}` }), "key_not_checkable");
      await unavailable(await post(batch(), { query: "?k=nobody" }), "key_not_checkable");
      expect((await post(batch({ seq: 6 }))).status).toBe(202);
    } finally {
      await steer({ core: "ok" });
    }
    const again = () => post(batch(), { query: `?k=${fresh}` }).then(({ status }) => status);
    await expect.poll(again, { timeout: 3 * CORE_REST_MS }).toBe(202);
  });
});
