import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Key, NewKey } from "../queries/keys.ts";
import { secretHash } from "../secret-hash.ts";
import { EDGE_SECRET, OTHER, startTestApi, type TestApi } from "../testing/api.ts";

const PATH = "/v1/projects/1/keys";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());

const post = (path: string, body: unknown, headers = owner) =>
  api.request(path, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const make = async (body: unknown) => {
  const answer = await post(PATH, body);
  expect(answer.status).toBe(201);
  return (await answer.json()) as NewKey;
};
const list = async () => ((await (await api.get(PATH, owner)).json()) as { keys: Key[] }).keys;
const one = async (id: string) => (await list()).find((key) => key.id === id);
const reads = async (key: string) =>
  (await api.get("/v1/projects/1/sessions", { authorization: `Bearer ${key}` })).status === 200;
const atEdge = async (key: string) =>
  (await api.get(`/edge/projects/${secretHash(key).toString("hex")}`, { authorization: `Bearer ${EDGE_SECRET}` }))
    .status;

describe("a key", () => {
  test("is told once, and known by its hash and first characters from then on", async () => {
    const made = await make({ kind: "read", name: "Warehouse export" });
    expect(made).toMatchObject({ kind: "read", name: "Warehouse export", created_by: "demo@rrhog.localhost" });
    expect(made.key).toMatch(/^rrhog_r_[\w-]{32}$/);
    expect(made.key.startsWith(made.prefix)).toBe(true);
    expect(await reads(made.key)).toBe(true);
    expect(JSON.stringify(await list())).not.toContain(made.key);
    const dump = await api.sql`SELECT k::text AS row FROM project_keys k UNION ALL SELECT a::text FROM audit_log a`;
    expect(JSON.stringify(dump)).not.toContain(made.key);
    expect(api.logged.join("")).not.toContain(made.key);
  });

  test("says when it was used last", async () => {
    const made = await make({ kind: "read" });
    expect(await one(made.id)).toMatchObject({ last_used_at: null, revoked_at: null });
    await reads(made.key);
    expect((await one(made.id))?.last_used_at).toEqual(expect.any(String));
    const write = await make({ kind: "write" });
    expect(await atEdge(write.key)).toBe(200);
    expect((await one(write.id))?.last_used_at).toEqual(expect.any(String));
  });

  test("that is revoked opens nothing from then on, and stays listed", async () => {
    const made = await make({ kind: "read" });
    const revoke = () => api.request(`${PATH}/${made.id}`, { method: "DELETE", headers: owner });
    expect((await revoke()).status).toBe(200);
    expect(await reads(made.key)).toBe(false);
    expect(await atEdge(made.key)).toBe(404);
    const { revoked_at } = (await (await revoke()).json()) as Key;
    expect((await one(made.id))?.revoked_at).toBe(revoked_at);
  });

  test("that is replaced goes on for as long as one said, and no longer", async () => {
    const old = await make({ kind: "write", name: "Shop" });
    const answer = await post(`${PATH}/${old.id}/rotate`, { grace_s: 3_600 });
    expect(answer.status).toBe(201);
    const replaced = (await answer.json()) as NewKey;
    expect(replaced).toMatchObject({ kind: "write", name: "Shop" });
    expect([await atEdge(old.key), await atEdge(replaced.key)]).toEqual([200, 200]);
    expect((await post(`${PATH}/${old.id}/rotate`, { grace_s: 0 })).status).toBe(409);
    await api.sql`UPDATE project_keys SET revoked_at = revoked_at - interval '1 hour' WHERE id = ${old.id}`;
    expect([await atEdge(old.key), await atEdge(replaced.key)]).toEqual([404, 200]);
    const now = (await (await post(`${PATH}/${replaced.id}/rotate`, { grace_s: 0 })).json()) as NewKey;
    expect([await atEdge(replaced.key), await atEdge(now.key)]).toEqual([404, 200]);
  });

  test("is made, replaced and revoked in sight of the log", async () => {
    await api.sql`DELETE FROM audit_log`;
    const made = await make({ kind: "write", name: "Shop" });
    await post(`${PATH}/${made.id}/rotate`, { grace_s: 60 });
    await api.request(`${PATH}/${made.id}`, { method: "DELETE", headers: owner });
    await api.request(`${PATH}/${made.id}`, { method: "DELETE", headers: owner });
    const entries = await api.sql`SELECT action, target, detail FROM audit_log ORDER BY id`;
    expect(entries).toMatchObject([
      { action: "key.created", target: made.id, detail: { kind: "write", name: "Shop", prefix: made.prefix } },
      { action: "key.rotated", target: made.id, detail: { old_prefix: made.prefix, grace_s: 60 } },
      { action: "key.revoked", target: made.id },
    ]);
  });
});

describe("what is refused", () => {
  test.each([
    [PATH, {}, "kind"],
    [PATH, { kind: "admin" }, "kind"],
    [PATH, { kind: "read", name: "x".repeat(101) }, "name"],
    [PATH, { kind: "read", name: "\ud800" }, "name"],
    [PATH, { kind: "read", key: "mine" }, ""],
    [`${PATH}/${randomUUID()}/rotate`, {}, "grace_s"],
    [`${PATH}/${randomUUID()}/rotate`, { grace_s: -1 }, "grace_s"],
    [`${PATH}/x/rotate`, { grace_s: 1 }, "key_id"],
  ])("%s %j", async (path, body, field) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path: field }] });
  });

  test("another project's key is not there", async () => {
    const [theirs] = await api.sql`SELECT id FROM project_keys WHERE project_id = ${OTHER.id} LIMIT 1`;
    expect((await post(`${PATH}/${theirs?.id}/rotate`, { grace_s: 0 })).status).toBe(404);
    expect((await api.request(`${PATH}/${theirs?.id}`, { method: "DELETE", headers: owner })).status).toBe(404);
    expect(await api.sql`SELECT FROM project_keys WHERE id = ${theirs?.id} AND revoked_at IS NULL`).toHaveLength(1);
  });

  test("more than a hundred at a time", async () => {
    const rows = Array.from({ length: 100 }, () => ({
      project_id: 1,
      kind: "read",
      prefix: "x",
      key_hash: secretHash(randomUUID()),
    }));
    await api.sql`INSERT INTO project_keys ${api.sql(rows)}`;
    expect((await post(PATH, { kind: "read" })).status).toBe(409);
    await api.sql`DELETE FROM project_keys WHERE prefix = 'x'`;
  });
});
