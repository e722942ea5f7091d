/** What `/healthz` and `/metrics` show beside the relays of the caller's own place (ingest.outage.test.ts has those). */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Continent, relayName, relayShard } from "#protocol/relay-name.ts";
import { SUBJECT_RRWEB } from "#protocol/subject.ts";
import { readSettings } from "../env.ts";
import { REGISTRY_NAME } from "../registry/interface.ts";
import { publish } from "../relay/client.ts";
import { Courier } from "../relay/courier.ts";
import { coldWorker } from "../test/cold-worker.ts";
import { envelopeOf, openStream, PROJECT, SESSION, SOON } from "../test/edge.ts";

const BODY = new TextEncoder().encode('{"events":[]}');

let stream: Awaited<ReturnType<typeof openStream>>;
let edge: Awaited<ReturnType<typeof coldWorker>>;

beforeAll(async () => {
  stream = await openStream();
  edge = await coldWorker({ RELAY_SHARDS: "1" });
});
afterAll(() => stream.close());

async function withoutRoom(run: () => Promise<void>): Promise<void> {
  const { config } = await stream.manager.streams.info("EVENTS");
  await stream.manager.streams.update("EVENTS", { max_bytes: 1 });
  try {
    await run();
  } finally {
    await stream.manager.streams.update("EVENTS", { max_bytes: config.max_bytes });
  }
}

async function spool(continent: Continent, shards: number, jurisdiction: "any" | "eu" = "any"): Promise<string> {
  const settings = { ...readSettings(env), RELAY_SHARDS: shards };
  const place = { continent, country: null, onPlatform: false };
  const batch = { envelope: envelopeOf({ batch_id: crypto.randomUUID() }), body: BODY };
  const dispatch = { subject: SUBJECT_RRWEB, project: PROJECT, batch, jurisdiction, place } as const;
  const outcome = await publish({ settings, courier: new Courier(5_000, false) }, dispatch, () => {});
  expect(outcome).toMatchObject({ kind: "spooled" });
  return relayName(jurisdiction, continent, relayShard(1, SESSION, shards));
}

interface Health {
  status: string;
  registry: string;
  relays: { name: string; here: boolean; spooled_batches: number; refusing: string | null }[];
}

async function health(): Promise<Health & { code: number }> {
  const response = await edge("/healthz");
  return { code: response.status, ...((await response.json()) as Health) };
}

const elsewhere = async () => (await health()).relays.filter(({ here }) => !here);
const names = async () => (await elsewhere()).map(({ name }) => name);

async function metrics(): Promise<string> {
  return (await edge("/metrics", { headers: { Authorization: `Bearer ${env.EDGE_SECRET}` } })).text();
}

describe("relays that no batch from here goes to", () => {
  it("are shown while they hold batches, those of shards that are no more included", async () => {
    // As many as give this session another shard than the one that is left.
    const shards = [2, 3, 4, 5, 6, 7, 8].find((count) => relayShard(1, SESSION, count) > 0) ?? 0;
    const held: string[] = [];
    const before = await stream.lastSeq();
    await withoutRoom(async () => {
      held.push(await spool("xx", shards), await spool("af", 1), await spool("oc", 1, "eu"));
      await expect.poll(names, SOON).toEqual(held.toSorted());
      for (const relay of await elsewhere()) {
        expect(relay).toMatchObject({ spooled_batches: 1, refusing: "stream_full", connected: true });
      }
      for (const name of held) expect(await metrics()).toContain(`rrhog_edge_spool_batches{relay="${name}"} 1`);
    });
    await expect.poll(names, SOON).toEqual([]);
    const stored = (await stream.batchesAfter(before)).filter(({ envelope }) => envelope.durable === "spool");
    expect(stored.length).toBe(held.length);
    expect(await metrics()).not.toContain("relay:any:af:0");
  });

  it("are shown as they are, and say nothing of what becomes of a batch that comes here", async () => {
    await withoutRoom(async () => {
      const name = await spool("sa", 1);
      await runInDurableObject(env.RELAY.getByName(name), (_, { storage }) => {
        storage.sql.exec("ALTER TABLE spool RENAME TO lost");
      });
      await expect.poll(names, SOON).toEqual([name]);
      expect(await elsewhere()).toMatchObject([{ name, refusing: "relay_unreachable", spool_full: true }]);
      expect(await health()).toMatchObject({ code: 200, status: "ok", registry: "ok", relays: [{ here: true }, {}] });
      await runInDurableObject(env.RELAY.getByName(name), (_, { storage }) => {
        storage.sql.exec("ALTER TABLE lost RENAME TO spool");
      });
    });
    await expect.poll(names, SOON).toEqual([]);
  });

  it("are not known while the registry is silent, which is said, and the others are", async () => {
    const registry = env.REGISTRY.getByName(REGISTRY_NAME);
    await runInDurableObject(registry, (_, { storage }) => storage.sql.exec("ALTER TABLE relays RENAME TO lost"));
    const here = { name: "relay:any:xx:0", here: true, connected: true };
    expect(await health()).toMatchObject({ code: 200, status: "ok", registry: "silent", relays: [here] });
    expect(await metrics()).toContain("rrhog_edge_registry_answers 0");
    await runInDurableObject(registry, (_, { storage }) => storage.sql.exec("ALTER TABLE lost RENAME TO relays"));
    expect(await health()).toMatchObject({ registry: "ok", relays: [here] });
    expect(await metrics()).toContain("rrhog_edge_registry_answers 1");
  });
});
