/** POST /e and GET /config. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Receipt } from "#protocol/batch.ts";
import { VALUES_MAX } from "#protocol/limits.ts";
import { Problem } from "#protocol/problem.ts";
import { isSampledIn } from "#protocol/sampling.ts";
import { coldWorker } from "../test/cold-worker.ts";
import { get, giveKey, KEY, openStream, post, SESSION, SOON, steer } from "../test/edge.ts";

const EVENTS = [
  { name: "checkout", ts: 1_700_000_000_000, url: "https://shop.example/pay", props: { total: 12.5, items: ["a"] } },
  { name: "paid", ts: 1_700_000_000_500 },
];
let stream: Awaited<ReturnType<typeof openStream>>;
let edge: Awaited<ReturnType<typeof coldWorker>>;

beforeAll(async () => {
  await giveKey(KEY);
  stream = await openStream();
  edge = await coldWorker({ INGEST_PATH: "/collect", EVENTS_PATH: "/notes", SCRIPT_PATH: "/lib/app.js" });
});
afterAll(() => stream.close());

const send = (members: Record<string, unknown> = {}, init: RequestInit<IncomingRequestCfProperties> = {}) =>
  get("/e", {
    method: "POST",
    body: JSON.stringify({ session_id: SESSION, events: EVENTS, ...members }),
    ...(init as RequestInit),
    headers: { "X-Write-Key": KEY, ...init.headers },
  });

/** The subject and the batch of the one message after `seq`. */
async function only(seq: number) {
  const message = await stream.manager.streams.getMessage("EVENTS", { seq: seq + 1 });
  const [batch] = await stream.batchesAfter(seq);
  return { subject: message?.subject, envelope: batch?.envelope };
}

describe("POST /e", () => {
  let before: number;
  beforeEach(async () => {
    before = await stream.lastSeq();
  });

  it("brings custom events to their own subject, with a 202 that means the same", async () => {
    const response = await send({ window_id: "w", user: { id: "u1" } });
    const receipt = Receipt.parse(await response.json());
    expect([response.status, receipt.durable]).toEqual([202, "stream"]);
    const { subject, envelope } = await only(before);
    expect(subject).toBe("events.analytics");
    expect(envelope).toMatchObject({ format: "analytics", seq: 0, window_id: "w", user: { id: "u1" } });
    expect(envelope?.batch_id).toBe(receipt.batch_id);
  });

  it("is the same batch at every attempt, and in every encoding", async () => {
    const first = Receipt.parse(await (await send()).json());
    const body = gzipSync(JSON.stringify({ session_id: SESSION, events: EVENTS }));
    expect(Receipt.parse(await (await send({}, { body })).json())).toEqual(first);
  });

  it("takes the key in the body", async () => {
    expect((await send({ project_write_key: KEY }, { headers: { "X-Write-Key": "" } })).status).toBe(202);
  });

  it("is spooled while the stream is full, and drained to its subject", async () => {
    const { config } = await stream.manager.streams.info("EVENTS");
    await stream.manager.streams.update("EVENTS", { max_bytes: 1 });
    const receipt = Receipt.parse(await (await send({ window_id: "spooled" })).json());
    expect(receipt.durable).toBe("spool");
    await stream.manager.streams.update("EVENTS", { max_bytes: config.max_bytes });
    await expect.poll(() => stream.lastSeq(), SOON).toBeGreaterThan(before);
    expect(await only(before)).toMatchObject({
      subject: "events.analytics",
      envelope: { batch_id: receipt.batch_id, durable: "spool" },
    });
  });

  it.each([
    ["no session", { session_id: undefined }, "session_id"],
    ["no events", { events: [] }, "events"],
    ["a name of rrHog's own", { events: [{ name: "$pageview", ts: 1 }] }, "events.0.name"],
    ["no name", { events: [{ ts: 1 }] }, "events.0.name"],
    ["no time", { events: [{ name: "a", ts: "now" }] }, "events.0.ts"],
    ["props that are none", { events: [{ name: "a", ts: 1, props: [1] }] }, "events.0.props"],
  ])("refuses %s, and says where", async (_, members, path) => {
    const response = await send(members);
    expect([response.status, Problem.parse(await response.json()).issues?.[0]?.path]).toEqual([400, path]);
    expect(await stream.lastSeq()).toBe(before);
  });

  it("names the first ten of four hundred thousand faults, and looks no further", async () => {
    const body = gzipSync(`{"session_id":"${SESSION}","events":[${"{},".repeat(400_000)}{}]}`);
    const response = await send({}, { body });
    const { issues } = Problem.parse(await response.json());
    expect([response.status, issues?.length, issues?.[0]?.path]).toEqual([400, 10, "events.0.name"]);
  });

  it("refuses more values than the worker would take", async () => {
    const body = gzipSync(
      `{"session_id":"${SESSION}","events":[{"name":"a","ts":1,"props":{"a":[${"1,".repeat(VALUES_MAX)}1]}}]}`,
    );
    const response = await send({}, { body });
    expect([response.status, Problem.parse(await response.json()).detail]).toEqual([
      400,
      "The body holds over 1000000 values.",
    ]);
  });

  it("answers another method with those that it takes", async () => {
    const response = await get("/e");
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST, OPTIONS"]);
  });
});

describe("GET /config", () => {
  it("tells a page of the allowlist what a recorder needs to know, for a minute", async () => {
    const key = await giveKey("config_key", { allowed_origins: ["https://shop.example"], sample_rate: 0.25 });
    const headers = { Origin: "https://shop.example" };
    const response = await get(`/config?k=${key}`, { headers });
    expect([response.status, await response.json()]).toEqual([
      200,
      { v: 1, sample_rate: 0.25, recording: true, retention_days: 90, recorder: {} },
    ]);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe(headers.Origin);
    expect(response.headers.get("Cache-Control")).toBe("private, max-age=60");
    expect((await get(`/config?k=${key}`, { headers: { Origin: "https://other.example" } })).status).toBe(403);
    expect((await get("/config?k=nobodys")).status).toBe(401);
    expect((await get("/config")).status).toBe(401);
  });

  it("passes on what the project asks of its recorders, and what only newer ones know of", async () => {
    const recorder = { sampleOnError: true, minDurationMs: 5_000, ignoreUrls: ["/account/*"], ofTomorrow: [1] };
    const key = await giveKey("recorder_settings_key", { recorder });
    expect(await (await get(`/config?k=${key}`)).json()).toMatchObject({ recorder });
  });

  it("says that nothing is to be recorded while a quota is used up", async () => {
    const key = await giveKey("used_up_key", { quota_used_up: { quota: "bytes", resets_at: Date.now() + 60_000 } });
    expect(await (await get(`/config?k=${key}`)).json()).toMatchObject({ recording: false });
    const begun = crypto.randomUUID();
    await steer({ begun });
    expect(await (await get(`/config?k=${key}&session_id=${begun}`)).json()).toMatchObject({ recording: true });
    const other = crypto.randomUUID();
    expect(await (await get(`/config?k=${key}&session_id=${other}`)).json()).toMatchObject({ recording: false });
  });
});

describe("a project's settings decide at admission", () => {
  const batchOf = (session: string) => JSON.stringify({ session_id: session, events: [{ type: 4, timestamp: 1 }] });

  it("a quota that is used up: 429, until the next period, and the recorder is to stop", async () => {
    const resets_at = Date.now() + 90_000;
    const key = await giveKey("quota_key", { quota_used_up: { quota: "sessions", resets_at } });
    const response = await post(batchOf(SESSION), { headers: { "X-Write-Key": key } });
    const problem = Problem.parse(await response.json());
    expect([response.status, problem]).toMatchObject([
      429,
      { code: "quota_used_up", limit: "quota_sessions", stop: true },
    ]);
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(60);
    expect(Number(response.headers.get("Retry-After"))).toBeLessThanOrEqual(90);
  });

  it("a quota that is used up: a session that was begun before is finished, and the core is asked once for it", async () => {
    const quota_used_up = { quota: "sessions" as const, resets_at: Date.now() + 90_000 };
    const key = await giveKey("finishing_key", { project_id: 73, quota_used_up });
    const begun = crypto.randomUUID();
    await steer({ begun });
    const send = async (session: string) => (await post(batchOf(session), { headers: { "X-Write-Key": key } })).status;
    expect(await send(begun)).toBe(202);
    const { asked } = await steer({});
    expect([await send(begun), await send(begun.toUpperCase())]).toEqual([202, 202]);
    expect((await steer({})).asked).toBe(asked);
    expect(await send(crypto.randomUUID())).toBe(429);
  });

  it("a quota that is used up: while the core does not say, a session counts as begun", async () => {
    const quota_used_up = { quota: "sessions" as const, resets_at: Date.now() + 90_000 };
    const key = await giveKey("untold_key", { project_id: 74, quota_used_up });
    expect((await post(batchOf(crypto.randomUUID()), { headers: { "X-Write-Key": key } })).status).toBe(429);
    await steer({ core: "gone" });
    try {
      expect((await post(batchOf(crypto.randomUUID()), { headers: { "X-Write-Key": key } })).status).toBe(202);
    } finally {
      await steer({ core: "ok" });
    }
  });

  it("a session that is not sampled: 403, and the recorder is to stop; the others are taken", async () => {
    const key = await giveKey("sampling_key", { sample_rate: 0.5 });
    const sessions = Array.from({ length: 20 }, () => crypto.randomUUID());
    for (const session of sessions) {
      const response = await post(batchOf(session), { headers: { "X-Write-Key": key } });
      expect(response.status).toBe(isSampledIn(session, 0.5) ? 202 : 403);
      if (response.status === 403) expect(await response.json()).toMatchObject({ code: "sampled_out", stop: true });
    }
  });

  it("a limit of a second: 429 that names it, and another project is served", async () => {
    const slow = await giveKey("slow_key", { project_id: 71, requests_per_second: 0.2 });
    const thin = await giveKey("thin_key", { project_id: 72, bytes_per_second: 1 });
    const statuses = async (key: string) => {
      const all: [number, string | undefined][] = [];
      for (let i = 0; i < 4; i++) {
        const response = await post(batchOf(SESSION), { headers: { "X-Write-Key": key } });
        if (response.status === 429) expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
        all.push([response.status, ((await response.json()) as { limit?: string }).limit]);
      }
      return all;
    };
    // A burst of ten seconds is two requests, or one batch beyond ten bytes. The next would be let in five seconds later.
    expect(await statuses(slow)).toEqual([
      [202, undefined],
      [202, undefined],
      [429, "project_requests"],
      [429, "project_requests"],
    ]);
    expect((await statuses(thin)).map(([status, limit]) => limit ?? status)).toEqual([
      202,
      ...Array.from({ length: 3 }, () => "project_bytes"),
    ]);
    expect((await post(batchOf(SESSION))).status).toBe(202);
  });
});

describe("renamed paths", () => {
  it("answer as the usual ones, which stay", async () => {
    const body = JSON.stringify({ session_id: SESSION, events: [{ type: 4, timestamp: 1 }] });
    const headers = { "X-Write-Key": KEY };
    for (const path of ["/i", "/collect"])
      expect((await edge(path, { method: "POST", body, headers })).status).toBe(202);
    const notes = JSON.stringify({ session_id: SESSION, events: EVENTS });
    for (const path of ["/e", "/notes"]) {
      expect((await edge(path, { method: "POST", body: notes, headers })).status).toBe(202);
    }
    for (const path of ["/rrhog.js", "/lib/app.js"]) expect((await edge(path)).status).toBe(200);
  });

  it.each(["/s/", "/e/", "/i/v0/e/", "/batch/", "/flags", "/array/key/config.js"])("%s is kept free", async (path) => {
    expect((await get(path, { method: "POST", body: "{}" })).status).toBe(404);
  });
});
