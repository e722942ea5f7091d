/** The relay as its callers see it: each way in which there is no PubAck, and what becomes of the batch in the end. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { envelopeOf, openStream, requestOf, SOON, steer } from "../test/edge.ts";
import type { PublishOutcome } from "./interface.ts";

const BODY = new TextEncoder().encode('{"events":[]}');

let stream: Awaited<ReturnType<typeof openStream>>;
let name: string;
/** A new stub each time, since one is of no use after the object was aborted. */
const relay = () => env.RELAY.getByName(name);

beforeAll(async () => {
  stream = await openStream();
});
beforeEach(() => {
  name = `relay:any:xx:test-${crypto.randomUUID()}`;
});
afterAll(() => stream.close());

async function publish(batchId: string, body: Uint8Array = BODY): Promise<PublishOutcome> {
  const batch = { envelope: envelopeOf({ batch_id: batchId }), body };
  const { outcomes } = await relay().publish(requestOf([batch]));
  return outcomes[0] as PublishOutcome;
}

/** How often each of these batches is in the stream. */
async function copies(ids: string[], durable?: "stream" | "spool"): Promise<number[]> {
  const stored = (await stream.batchesAfter(0)).filter(({ envelope }) => !durable || envelope.durable === durable);
  return ids.map((id) => stored.filter(({ envelope }) => envelope.batch_id === id).length);
}

const spooled = async () => (await relay().health()).spooled_batches;

/** All is in the stream, and the spool is empty. */
async function expectDrained(ids: string[]): Promise<void> {
  await expect.poll(spooled, SOON).toBe(0);
  for (const count of await copies(ids)) expect(count).toBeGreaterThan(0);
}

const newIds = (count: number) => Array.from({ length: count }, () => crypto.randomUUID() as string);

async function withoutRoom(run: () => Promise<void>): Promise<void> {
  const { config } = await stream.manager.streams.info("EVENTS");
  await stream.manager.streams.update("EVENTS", { max_bytes: 1 });
  try {
    await run();
  } finally {
    await stream.manager.streams.update("EVENTS", { max_bytes: config.max_bytes });
  }
}

describe("a batch without a PubAck is spooled, and in the stream when there is one again", () => {
  it("while the stream is full", async () => {
    const ids = newIds(3);
    await withoutRoom(async () => {
      for (const id of ids) expect(await publish(id)).toEqual({ kind: "spooled", reason: "stream_full" });
      expect(await relay().health()).toMatchObject({ connected: true, refusing: "stream_full", spooled_batches: 3 });
    });
    await expectDrained(ids);
    expect(await copies(ids, "spool")).toEqual([1, 1, 1]);
  });

  it("while there is no stream", async () => {
    const ids = newIds(2);
    const { config } = await stream.manager.streams.info("EVENTS");
    await stream.manager.streams.delete("EVENTS");
    for (const id of ids) expect(await publish(id)).toEqual({ kind: "spooled", reason: "no_stream" });
    await stream.manager.streams.add(config);
    await expectDrained(ids);
  });

  it("while the server is gone, at once after the first", async () => {
    await publish(crypto.randomUUID());
    const ids = newIds(30);
    await steer({ nats: "kill" });
    const outcomes = await Promise.all(ids.map((id) => publish(id)));
    expect([...new Set(outcomes.map(({ kind }) => kind))]).toEqual(["spooled"]);
    expect(await relay().health()).toMatchObject({ connected: false, spooled_batches: 30, spool_full: false });
    await steer({ nats: "start" });
    stream = await openStream();
    await expectDrained(ids);
  });

  it("while the server is frozen, and once it thaws each is there", async () => {
    await publish(crypto.randomUUID());
    const ids = newIds(5);
    await steer({ nats: "freeze" });
    try {
      const outcomes = await Promise.all(ids.map((id) => publish(id)));
      expect([...new Set(outcomes.map(({ kind }) => kind))]).toEqual(["spooled"]);
    } finally {
      await steer({ nats: "thaw" });
    }
    await expectDrained(ids);
  });

  it("when the way to the server is cut in the middle of a message", async () => {
    await publish(crypto.randomUUID());
    const id = crypto.randomUUID();
    await steer({ cutAfter: 50_000 });
    expect(await publish(id, new Uint8Array(200_000))).toEqual({ kind: "spooled", reason: "connection_lost" });
    await expectDrained([id]);
    expect(await copies([id])).toEqual([1]);
  });
});

describe("what is in the spool", () => {
  it("survives the object, which ends without a word, as it does in a deploy", async () => {
    const ids = newIds(10);
    await withoutRoom(async () => {
      for (const id of ids.slice(0, 5)) await publish(id);
      await abortAllDurableObjects();
      expect(await spooled()).toBe(5);
      for (const id of ids.slice(5)) await publish(id);
      await abortAllDurableObjects();
      expect(await spooled()).toBe(10);
    });
    await expectDrained(ids);
  });

  it("has an alarm set as soon as there is something, and none when there is nothing", async () => {
    const id = crypto.randomUUID();
    const alarmAt = () => runInDurableObject(relay(), (_, { storage }) => storage.getAlarm());
    expect(await alarmAt()).toBeNull();
    await withoutRoom(async () => {
      await publish(id);
      // None is told of while it runs.
      await expect.poll(alarmAt, SOON).not.toBeNull();
      // An alarm that met no success sets the next.
      await runDurableObjectAlarm(relay());
      await expect.poll(alarmAt, SOON).not.toBeNull();
    });
    await expectDrained([id]);
    await expect.poll(alarmAt, SOON).toBeNull();
  });

  it("gets its alarm back from the next request, if the platform gave it up", async () => {
    const id = crypto.randomUUID();
    await withoutRoom(async () => {
      await publish(id);
      await runInDurableObject(relay(), (_, { storage }) => storage.deleteAlarm());
      await abortAllDurableObjects();
    });
    await expectDrained([id]);
  });

  it("stays when storage says that there is no room for more, which is the one reason for a refusal", async () => {
    const ids = newIds(2);
    await withoutRoom(async () => {
      await publish(ids[0] as string);
      await runInDurableObject(relay(), (_, { storage }) => {
        storage.sql.exec("UPDATE spool_state SET through = 1, batches = 1, bytes = 6000000000");
      });
      await abortAllDurableObjects();
      expect(await publish(ids[1] as string)).toEqual({ kind: "not_durable", reason: "spool_full" });
      expect(await relay().health()).toMatchObject({ spool_full: true, spooled_batches: 1 });
    });
    await expectDrained(ids.slice(0, 1));
  });

  it("is not what a storage that throws was given", async () => {
    await withoutRoom(async () => {
      await publish(crypto.randomUUID());
      await runInDurableObject(relay(), (_, { storage }) => storage.sql.exec("ALTER TABLE spool RENAME TO lost"));
      expect(await publish(crypto.randomUUID())).toEqual({ kind: "not_durable", reason: "spool_failed" });
      await runInDurableObject(relay(), (_, { storage }) => storage.sql.exec("ALTER TABLE lost RENAME TO spool"));
    });
    await expect.poll(spooled, SOON).toBe(0);
  });

  it("goes out oldest first, with live batches beside it", async () => {
    const old = newIds(300);
    const live = newIds(50);
    const before = await stream.lastSeq();
    await withoutRoom(async () => {
      await Promise.all(old.map((id) => publish(id)));
    });
    const outcomes = await Promise.all(live.map((id) => publish(id)));
    expect([...new Set(outcomes.map(({ kind }) => kind))]).toEqual(["acked"]);
    await expectDrained([...old, ...live]);
    const order = (await stream.batchesAfter(before)).map(({ envelope }) => envelope.batch_id);
    expect(order.filter((id) => old.includes(id))).toEqual(old);
  });

  it("goes out batch by batch where the server takes less at once than was spooled together", async () => {
    const ids = newIds(20);
    const batches = ids.map((id) => ({ envelope: envelopeOf({ batch_id: id }), body: BODY }));
    await withoutRoom(async () => {
      const { outcomes } = await relay().publish(requestOf(batches));
      expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["spooled"]));
      // Set before there is room again: more than one of them, less than all.
      await stream.manager.streams.update("EVENTS", { max_msg_size: 2_000 });
    });
    try {
      await expectDrained(ids);
      expect(await relay().health()).toMatchObject({ spooled_batches: 0, stuck: 0 });
    } finally {
      await stream.manager.streams.update("EVENTS", { max_msg_size: -1 });
    }
  });

  it("moves aside as stuck what the server refuses for ever, and the others go on", async () => {
    const tooLarge = crypto.randomUUID();
    const ids = newIds(3);
    expect(await publish(tooLarge, new Uint8Array(9 * 1024 * 1024))).toEqual({
      kind: "spooled",
      reason: "message_too_large",
    });
    await withoutRoom(async () => {
      for (const id of ids) await publish(id);
    });
    await expectDrained(ids);
    expect(await relay().health()).toMatchObject({ spooled_batches: 0, stuck: 1 });
    expect(await copies([tooLarge])).toEqual([0]);
  });
});
