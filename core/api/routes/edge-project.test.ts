import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EdgeProject } from "#protocol/edge-project.ts";
import { secretHash } from "../secret-hash.ts";
import { EDGE_SECRET, startTestApi, type TestApi } from "../testing/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

const edge = { authorization: `Bearer ${EDGE_SECRET}` };
const path = (key: string) => `/edge/projects/${secretHash(key).toString("hex")}`;

test("tells the edge what a key may do", async () => {
  await api.sql`UPDATE projects SET allowed_origins = ${["https://*.example.com"]}, jurisdiction = 'eu' WHERE id = 1`;
  const answer = await api.get(path("dev_write_123"), edge);
  expect(answer.status).toBe(200);
  expect(EdgeProject.parse(await answer.json())).toEqual({
    v: 1,
    project_id: 1,
    key_kind: "write",
    allowed_origins: ["https://*.example.com"],
    jurisdiction: "eu",
    retention_days: 90,
    requests_per_second: null,
    bytes_per_second: null,
    sample_rate: 1,
    recorder: {},
    quota_used_up: null,
  });
  expect(await (await api.get(path("dev_read_123"), edge)).json()).toMatchObject({ key_kind: "read" });
});

test("a revoked key is as unknown as one that never was", async () => {
  await api.sql`UPDATE project_keys SET revoked_at = now() WHERE key_hash = ${secretHash("other_write_456")}`;
  expect((await api.get(path("other_write_456"), edge)).status).toBe(404);
  expect((await api.get(path("never"), edge)).status).toBe(404);
});

test.each([
  ["nobody", {}],
  ["a reader", { authorization: "Bearer dev_read_123" }],
  ["somebody with half of the secret", { authorization: `Bearer ${EDGE_SECRET.slice(0, 10)}` }],
])("tells %s nothing", async (_, headers) => {
  expect((await api.get(path("dev_write_123"), headers as Record<string, string>)).status).toBe(401);
});

test("says of a session whether it was begun, and nobody else is told", async () => {
  const session = randomUUID();
  const asked = `/edge/projects/1/sessions/${session}`;
  expect(await (await api.get(asked, edge)).json()).toEqual({ v: 1, begun: false });
  await api.sql`
    INSERT INTO sessions_meta (project_id, session_id, first_received_at) VALUES (1, ${session}, now())`;
  expect(await (await api.get(asked, edge)).json()).toEqual({ v: 1, begun: true });
  expect(await (await api.get(asked.replace("/1/", "/2/"), edge)).json()).toEqual({ v: 1, begun: false });
  expect((await api.get(asked, api.reader)).status).toBe(401);
  expect((await api.get("/edge/projects/1/sessions/x", edge)).status).toBe(400);
});

test("what is no hash is a 400", async () => {
  expect((await api.get("/edge/projects/dev_write_123", edge)).status).toBe(400);
});
