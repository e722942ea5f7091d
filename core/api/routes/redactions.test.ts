import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMetrics } from "../../worker/metrics.ts";
import { redactStored } from "../../worker/redact-stored.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { load } from "../testing/recording.ts";

const T0 = Date.now() - 3_600_000;
const PATH = "/v1/projects/1/redactions";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());

interface Receipt {
  receipt_id: string;
}
const ask = async (path: string, headers = owner) => (await api.get(path, headers)).json();
const apply = (headers = owner) => api.request(PATH, { method: "POST", headers });
/** What the worker's sweep does. */
const redactNow = () =>
  redactStored({
    ...api,
    streamPlace: async () => ({ made: new Date("2026-11-01"), last_seq: 5, settled_seq: 5 }),
    metrics: createMetrics(async () => null),
  });

describe("rules applied to what is stored", () => {
  test("make it unreadable, in a session that was seen before as well, and say how far they are", async () => {
    const session = randomUUID();
    const payloads = [
      `{"type":4,"timestamp":${T0},"data":{"href":"https://shop.example/","width":1,"height":1}}`,
      `{"type":5,"timestamp":${T0 + 1},"data":{"tag":"t","payload":"4111111111111111 is mine"},"n":1.0}`,
    ];
    await load(api, { projectId: 1, sessionId: session, windowId: "w", seq: 0, payloads, receivedAt: T0, version: 0 });
    const events = `/v1/projects/1/sessions/${session}/events`;
    const seen = await api.get(events, { ...api.reader, accept: "application/x-ndjson" });
    expect(await seen.text()).toContain("4111111111111111");
    const etag = seen.headers.get("etag") ?? "";

    const asked = await apply();
    expect(asked.status).toBe(202);
    const receipt = (await asked.json()) as Receipt;
    expect(receipt).toMatchObject({ version: 1, state: "waiting", sessions_total: null, sessions_done: 0, found: {} });
    expect(await (await apply()).json()).toEqual(receipt);
    const one = `${PATH}/${receipt.receipt_id}`;

    await redactNow();
    expect(await ask(one)).toMatchObject({ state: "settling", sessions_total: 1, sessions_done: 1, done_at: null });
    await redactNow();
    expect(await ask(one)).toMatchObject({
      state: "done",
      events_changed: 1,
      found: { card: 1 },
      removed: expect.any(Object),
      still_held: { stream_until: expect.any(String), dead_letters: 0 },
    });
    expect(await ask(PATH)).toMatchObject({ receipts: [{ receipt_id: receipt.receipt_id }] });

    const again = await api.get(events, { ...api.reader, accept: "application/x-ndjson", "if-none-match": etag });
    expect(again.status).toBe(200);
    expect(await again.text()).toBe(`${payloads.join("\n").replace("4111111111111111", "****************")}\n`);
    expect(((await (await apply()).json()) as Receipt).receipt_id).not.toBe(receipt.receipt_id);
  });

  test.each(["member", "viewer"])("are not for a %s to ask for, who may read what became of it", async (role) => {
    await api.sql`UPDATE memberships SET role = ${role}`;
    expect((await apply()).status).toBe(403);
    expect((await api.get(PATH, owner)).status).toBe(200);
    await api.sql`UPDATE memberships SET role = 'owner'`;
  });

  test("are no other project's", async () => {
    const { receipt_id } = (await (await apply()).json()) as Receipt;
    const other = { authorization: `Bearer ${OTHER.readKey}` };
    expect((await api.get(`/v1/projects/${OTHER.id}/redactions/${receipt_id}`, other)).status).toBe(404);
    expect(await ask(`/v1/projects/${OTHER.id}/redactions`, other)).toEqual({ receipts: [] });
  });
});
