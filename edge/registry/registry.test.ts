/** The registry as Workers and relays see it, and as a Worker that has just been started does. */
import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { EdgeProject } from "#protocol/edge-project.ts";
import { Problem } from "#protocol/problem.ts";
import { coldWorker } from "../test/cold-worker.ts";
import { batch, giveKey, PROJECT, steer } from "../test/edge.ts";
import { registryClient } from "./client.ts";
import { REGISTRY_NAME } from "./interface.ts";

const PATIENCE_MS = 10_000;
const registry = registryClient({ REGISTRY: env.REGISTRY, CORE_TIMEOUT_MS: PATIENCE_MS });
const object = () => env.REGISTRY.getByName(REGISTRY_NAME);
const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");
const someHash = () => hashOf(crypto.randomUUID());
const known = (project: EdgeProject, saidAt: number) => ({ kind: "known", project, saidAt });

describe("what the core said of a key", () => {
  it("survives the object, which ends without a word, as it does in a deploy", async () => {
    const [hash, at] = [someHash(), Date.now()];
    expect(await registry.coreSaid(hash, PROJECT, at)).toEqual({ kind: "heard", saidAt: at });
    await abortAllDurableObjects();
    expect(await registry.recallKey(hash)).toEqual(known(PROJECT, at));
    expect(await registry.recallKey(someHash())).toEqual({ kind: "unknown" });
  });

  it("is the latest when isolates race", async () => {
    const [hash, at] = [someHash(), Date.now() - 1_000];
    const days = [1, 2, 3, 4, 5, 6, 7, 8].sort(() => Math.random() - 0.5);
    await Promise.all(days.map((day) => registry.coreSaid(hash, { ...PROJECT, retention_days: day }, at + day)));
    expect(await registry.recallKey(hash)).toEqual(known({ ...PROJECT, retention_days: 8 }, at + 8));
    await Promise.all([registry.coreSaid(hash, null, at + 10), registry.coreSaid(hash, PROJECT, at + 9)]);
    expect(await registry.recallKey(hash)).toEqual({ kind: "unknown" });
  });

  it("holds neither the key nor more than was said", async () => {
    const key = await giveKey("key_that_stands_nowhere");
    await registry.coreSaid(hashOf(key), PROJECT, Date.now());
    const rows = await runInDurableObject(object(), (_, { storage }) =>
      storage.sql.exec("SELECT * FROM known_keys WHERE key_hash = ?", hashOf(key)).toArray(),
    );
    expect(rows).toEqual([{ key_hash: hashOf(key), said_at: expect.any(Number), project: JSON.stringify(PROJECT) }]);
    expect(JSON.stringify(rows)).not.toContain(key);
  });
});

describe("versions mix for some minutes of a deploy", () => {
  it("members of a newer Worker pass through an older registry", async () => {
    const [hash, at] = [someHash(), Date.now()];
    const newer = { v: 2, key_hash: hash, project: { ...PROJECT, shoe_size: 43 }, said_at: at, hat_size: 60 };
    expect(await object().coreSaid(newer)).toEqual({ kind: "noted", said_at: at });
    expect(await object().recallKey({ v: 1, key_hash: hash })).toMatchObject({ project: { shoe_size: 43 } });
    expect(await registry.recallKey(hash)).toEqual(known(PROJECT, at));
  });

  it("a statement that it does not understand changes nothing", async () => {
    const [hash, at] = [someHash(), Date.now()];
    await registry.coreSaid(hash, PROJECT, at);
    for (const wrong of [
      { key_hash: "no hash" },
      { said_at: -1 },
      { said_at: Number.NaN },
      { project: { v: 7 } as never },
      { v: 0 },
    ]) {
      const statement = { v: 1, key_hash: hash, project: null, said_at: at + 1, ...wrong };
      expect(await object().coreSaid(statement)).toEqual({ kind: "refused" });
    }
    expect(await registry.recallKey(hash)).toEqual(known(PROJECT, at));
    for (const name of ["relay:any:eu", "", "relay:any:eu:0:'; DROP TABLE relays"]) {
      expect(await object().relaySays({ v: 1, name, may_hold: true, said_at: at })).toEqual({ kind: "refused" });
    }
    expect(await registry.relays()).toEqual([]);
  });

  it("settings that a Worker does not understand are as good as none", async () => {
    const hash = someHash();
    await registry.coreSaid(hash, PROJECT, Date.now());
    await runInDurableObject(object(), (_, { storage }) => {
      storage.sql.exec("UPDATE known_keys SET project = ? WHERE key_hash = ?", '{"v":2}', hash);
    });
    expect(await registry.recallKey(hash)).toEqual({ kind: "silent" });
  });
});

describe("a registry that fails", () => {
  it("is silent, and does not throw", async () => {
    const hash = someHash();
    await runInDurableObject(object(), (_, { storage }) => storage.sql.exec("ALTER TABLE known_keys RENAME TO lost"));
    expect(await registry.recallKey(hash)).toEqual({ kind: "silent" });
    expect(await registry.coreSaid(hash, PROJECT, Date.now())).toEqual({ kind: "silent" });
    await runInDurableObject(object(), (_, { storage }) => storage.sql.exec("ALTER TABLE lost RENAME TO known_keys"));
    expect(await registry.recallKey(hash)).toEqual({ kind: "unknown" });
  });

  it("is not waited for longer than a core", async () => {
    const never = () => new Promise<never>(() => {});
    const stub = { recallKey: never, coreSaid: never, relaySays: never, relays: never };
    const REGISTRY = { getByName: () => stub } as unknown as typeof env.REGISTRY;
    const client = registryClient({ REGISTRY, CORE_TIMEOUT_MS: 50 });
    expect(await client.recallKey(someHash())).toEqual({ kind: "silent" });
    expect(await client.coreSaid(someHash(), null, 1)).toEqual({ kind: "silent" });
    expect(await client.relaySays("relay:any:eu:0", true, 1)).toEqual({ kind: "silent" });
    expect(await client.relays()).toBeNull();
  });
});

describe("a Worker that was just started, while the core is silent", () => {
  beforeEach(() => steer({ core: "ok" }));

  async function worker() {
    const ask = await coldWorker({ CORE_TIMEOUT_MS: "2000" });
    const headers = { "Content-Type": "application/json" };
    return (key: string) => ask("/i", { method: "POST", body: batch(), headers: { ...headers, "X-Write-Key": key } });
  }

  it.each(["gone", "slow", "broken", "foreign"] as const)(
    "takes batches of a key that the registry knows: %s",
    async (mode) => {
      const key = await giveKey(`key_known_elsewhere_${mode}`);
      expect((await (await worker())(key)).status).toBe(202);
      await steer({ core: mode });
      const post = await worker();
      expect((await post(key)).status).toBe(202);
      const refused = await post(`key_known_nowhere_${mode}`);
      expect([refused.status, Problem.parse(await refused.json()).code]).toEqual([503, "key_not_checkable"]);
      await steer({ core: "ok" });
    },
  );

  it("takes none of a key that was revoked while the core answered", async () => {
    const key = await giveKey("key_to_be_revoked");
    expect((await (await worker())(key)).status).toBe(202);
    await steer({ key: { name: key, project: null } });
    expect((await (await worker())(key)).status).toBe(401);
    await steer({ core: "gone" });
    expect((await (await worker())(key)).status).toBe(503);
    await steer({ core: "ok" });
  });
});
