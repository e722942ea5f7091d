import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Receipt } from "#protocol/batch.ts";
import { Problem } from "#protocol/problem.ts";
import { batch, get, giveKey, KEY, openStream, post, SOON, steer } from "../test/edge.ts";

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

/** Where the batch of a 202 lies. */
async function durable(response: Response): Promise<string> {
  expect(response.status, await response.clone().text()).toBe(202);
  return Receipt.parse(await response.json()).durable;
}

/** Until a new batch reaches the stream by itself again, and all that was spooled has done so. */
async function recovered(): Promise<void> {
  const next = async () => durable(await post(batch({ seq: 1_000 })));
  await expect.poll(next, SOON).toBe("stream");
  const health = async () => (await (await get("/healthz")).json()) as { relays: { spooled_batches: number }[] };
  await expect.poll(async () => (await health()).relays[0]?.spooled_batches, SOON).toBe(0);
}

describe("while nats-server is gone", () => {
  it("answers 202 from the spool; all of it is in the stream soon after it is back, and what was there still is", async () => {
    const before = await stream.lastSeq();
    const receipts = [Receipt.parse(await (await post(batch({ seq: 1 }))).json())];
    await steer({ nats: "kill" });
    const many = await Promise.all(Array.from({ length: 30 }, (_, seq) => post(batch({ seq: seq + 10 }))));
    for (const response of many) receipts.push(Receipt.parse(await response.json()));
    expect(receipts.map(({ durable }) => durable)).toEqual(["stream", ...many.map(() => "spool")]);
    const health = await get("/healthz");
    expect([health.status, await health.json()]).toEqual([
      200,
      {
        status: "spooling",
        registry: "ok",
        relays: [
          {
            name: "relay:any:xx:0",
            here: true,
            connected: false,
            refusing: expect.any(String),
            breaker: "closed",
            spooled_batches: 30,
            spooled_bytes: expect.any(Number),
            oldest_age_ms: expect.any(Number),
            stuck: 0,
            spool_full: false,
          },
        ],
      },
    ]);

    await steer({ nats: "start" });
    stream = await openStream();
    await recovered();
    const stored = new Map((await stream.batchesAfter(before)).map((one) => [one.envelope.batch_id, one]));
    for (const { batch_id, durable } of receipts) expect(stored.get(batch_id)?.envelope.durable).toBe(durable);
  });
});

describe("while nats-server is frozen", () => {
  it("answers 202 from the spool, the first after its budget, and from the stream when it thaws", async () => {
    await steer({ nats: "freeze" });
    try {
      expect(await durable(await post(batch({ seq: 4 })))).toBe("spool");
    } finally {
      await steer({ nats: "thaw" });
    }
    await recovered();
  });
});

describe("while the stream is full, or not there", () => {
  it("answers 202 from the spool, and from the stream when there is room", async () => {
    const { config } = await stream.manager.streams.info("EVENTS");
    await stream.manager.streams.update("EVENTS", { max_bytes: 1 });
    expect(await durable(await post(batch({ seq: 5 })))).toBe("spool");
    expect(await (await get("/healthz")).json()).toMatchObject({
      status: "spooling",
      relays: [{ refusing: "stream_full" }],
    });
    await stream.manager.streams.update("EVENTS", { max_bytes: config.max_bytes });
    await recovered();
    expect(await (await get("/healthz")).json()).toMatchObject({ status: "ok" });
  });
});

describe("while there is room nowhere", () => {
  it("answers 503, and 202 when there is room again", async () => {
    const relay = () => env.RELAY.getByName("relay:any:xx:0");
    const { config } = await stream.manager.streams.info("EVENTS");
    await stream.manager.streams.update("EVENTS", { max_bytes: 1 });
    expect(await durable(await post(batch({ seq: 6 })))).toBe("spool");
    await runInDurableObject(relay(), (_, { storage }) => {
      storage.sql.exec("UPDATE spool_state SET bytes = 9000000000, batches = 1, through = (SELECT max(id) FROM spool)");
    });
    await abortAllDurableObjects();
    await unavailable(await post(batch({ seq: 7 })), "batch_not_durable");
    expect((await get("/healthz")).status).toBe(503);
    await runInDurableObject(relay(), (_, { storage }) => {
      storage.sql.exec("UPDATE spool_state SET bytes = (SELECT sum(bytes) FROM spool)");
    });
    await abortAllDurableObjects();
    await stream.manager.streams.update("EVENTS", { max_bytes: config.max_bytes });
    await recovered();
  });
});

describe("GET /healthz", () => {
  it("is 200 while the relay is connected, and names it", async () => {
    const response = await get("/healthz");
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    expect(await response.json()).toMatchObject({
      status: "ok",
      relays: [{ name: "relay:any:xx:0", connected: true, refusing: null, spooled_batches: 0, oldest_age_ms: null }],
    });
  });
});

describe("GET /metrics", () => {
  it("is for the core alone", async () => {
    for (const Authorization of ["", "Bearer", `Bearer ${env.EDGE_SECRET}x`, `Bearer ${KEY}`]) {
      expect((await get("/metrics", { headers: { Authorization } })).status).toBe(403);
    }
  });

  it("counts answers by reason, PubAcks by what they took, and what the spool holds", async () => {
    expect((await post(batch({ seq: -1 }))).status).toBe(400);
    const response = await get("/metrics", { headers: { Authorization: `Bearer ${env.EDGE_SECRET}` } });
    const lines = (await response.text()).split("\n");
    const value = (name: string) =>
      Number(
        lines
          .find((line) => line.startsWith(`${name} `))
          ?.split(" ")
          .at(-1),
      );
    expect(value('rrhog_edge_answers_total{status="202",reason="stream"}')).toBeGreaterThan(0);
    expect(value('rrhog_edge_answers_total{status="400",reason="body_malformed"}')).toBe(1);
    expect(value('rrhog_edge_spool_batches{relay="relay:any:xx:0"}')).toBe(0);
    const acks = value('rrhog_edge_puback_seconds_count{relay="relay:any:xx:0"}');
    expect(acks).toBeGreaterThan(0);
    expect(value('rrhog_edge_puback_seconds_bucket{relay="relay:any:xx:0",le="+Inf"}')).toBe(acks);
    const samples = lines.filter((line) => line && !line.startsWith("#"));
    for (const line of samples)
      expect(line).toMatch(/^rrhog_edge_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [\d.e+-]+$/);
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
    await expect.poll(again, SOON).toBe(202);
  });
});
