/** A relay's name stands in the registry while it may hold batches, whatever happens to either of them. */
import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { registryClient } from "../registry/client.ts";
import { REGISTRY_NAME } from "../registry/interface.ts";
import { envelopeOf, openStream, requestOf, SOON } from "../test/edge.ts";

const BODY = new TextEncoder().encode('{"events":[]}');

const registry = registryClient({ REGISTRY: env.REGISTRY, CORE_TIMEOUT_MS: 10_000 });
const relay = () => env.RELAY.getByName(name);
const isListed = async () => (await registry.relays())?.includes(name);
const publish = async (body = BODY) => {
  const batch = { envelope: envelopeOf({ batch_id: crypto.randomUUID() }), body };
  return (await relay().publish(requestOf([batch]))).outcomes[0];
};

let stream: Awaited<ReturnType<typeof openStream>>;
let name: string;
let made = 0;

beforeAll(async () => {
  stream = await openStream();
});
beforeEach(() => {
  name = `relay:any:xx:${500 + made++}`;
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

const alarmAt = () => runInDurableObject(relay(), (_, { storage }) => storage.getAlarm());
const inRegistry = (statement: string) =>
  runInDurableObject(env.REGISTRY.getByName(REGISTRY_NAME), (_, { storage }) => storage.sql.exec(statement).toArray());

/** The registry fails while this runs. */
async function withoutRegistry(run: () => Promise<void>): Promise<void> {
  await inRegistry("ALTER TABLE relays RENAME TO lost");
  try {
    await run();
  } finally {
    await inRegistry("ALTER TABLE lost RENAME TO relays");
  }
}

describe("a relay is listed", () => {
  it("from its first spooled batch until the last has reached the stream", async () => {
    expect(await publish()).toMatchObject({ kind: "acked" });
    expect(await isListed()).toBe(false);
    await withoutRoom(async () => {
      for (let i = 0; i < 3; i++) expect(await publish()).toMatchObject({ kind: "spooled" });
      await expect.poll(isListed, SOON).toBe(true);
    });
    await expect.poll(isListed, SOON).toBe(false);
    expect(await relay().health()).toMatchObject({ spooled_batches: 0 });
    await expect.poll(alarmAt, SOON).toBeNull();
  });

  it("again, each time", async () => {
    for (let i = 0; i < 2; i++) {
      await withoutRoom(async () => {
        await publish();
        await expect.poll(isListed, SOON).toBe(true);
      });
      await expect.poll(isListed, SOON).toBe(false);
    }
  });

  it("no longer, though it ended meanwhile and only its alarm woke it", async () => {
    await withoutRoom(async () => {
      await publish();
      await expect.poll(isListed, SOON).toBe(true);
      await abortAllDurableObjects();
    });
    await expect.poll(isListed, SOON).toBe(false);
  });

  it("though the registry has lost its name, by its next life", async () => {
    await withoutRoom(async () => {
      await publish();
      await expect.poll(isListed, SOON).toBe(true);
      await inRegistry("DELETE FROM relays");
      await abortAllDurableObjects();
      await expect.poll(isListed, SOON).toBe(true);
    });
    await expect.poll(isListed, SOON).toBe(false);
  });

  it("while it holds a batch that the server refuses for ever", async () => {
    expect(await publish(new Uint8Array(9 * 1024 * 1024))).toEqual({ kind: "spooled", reason: "message_too_large" });
    await expect.poll(async () => (await relay().health()).stuck, SOON).toBe(1);
    await expect.poll(isListed, SOON).toBe(true);
  });
});

describe("while the registry fails", () => {
  it("a batch is spooled all the same, and the relay listed once the registry is well", async () => {
    await withoutRoom(async () => {
      await withoutRegistry(async () => {
        for (let i = 0; i < 3; i++) expect(await publish()).toMatchObject({ kind: "spooled" });
        expect(await relay().health()).toMatchObject({ spooled_batches: 3 });
      });
      await expect.poll(isListed, SOON).toBe(true);
    });
    await expect.poll(isListed, SOON).toBe(false);
  });

  it("the spool drains all the same, and the relay is listed no longer once the registry is well", async () => {
    await withoutRegistry(async () => {
      await withoutRoom(async () => {
        await publish();
      });
      await expect.poll(async () => (await relay().health()).spooled_batches, SOON).toBe(0);
    });
    await expect.poll(isListed, SOON).toBe(false);
    await expect.poll(alarmAt, SOON).toBeNull();
  });
});

it("what is spooled beside a stuck batch is drained at once, not with the stuck one's daily try", async () => {
  await publish(new Uint8Array(9 * 1024 * 1024));
  await expect.poll(async () => (await relay().health()).stuck, SOON).toBe(1);
  await expect.poll(async () => Number(await alarmAt()) - Date.now(), SOON).toBeGreaterThan(60 * 60_000);
  await withoutRoom(async () => {
    expect(await publish()).toMatchObject({ kind: "spooled", reason: "stream_full" });
    expect(Number(await alarmAt()) - Date.now()).toBeLessThan(60_000);
  });
  await expect.poll(async () => (await relay().health()).spooled_batches, SOON).toBe(0);
});
