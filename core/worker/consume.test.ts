import { cp, rename, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CONSUMER, STREAM, WORKER_INBOX_PREFIX } from "#protocol/subject.ts";
import { startTestNats, type TestNats } from "../../test/support/nats.ts";
import { type Delivery, StreamFault, StreamReader } from "./consume.ts";
import { credentials, openManager, openPublisher, type Publisher } from "./testing/publisher.ts";

let nats: TestNats;
let publisher: Publisher;
let operator: { manager: JetStreamManager; close(): Promise<void> };
beforeAll(async () => {
  nats = await startTestNats();
  publisher = await openPublisher(nats);
  operator = await openManager(nats);
});
afterAll(async () => {
  await Promise.all([publisher.close(), operator.close()]);
  await nats.drop();
});

/** Requests that were made while it was away would be waited for. */
async function startAgain(): Promise<void> {
  await Promise.all([publisher.close(), operator.close()]);
  await nats.start();
  publisher = await openPublisher(nats);
  operator = await openManager(nats);
}

interface Reading {
  reader: StreamReader;
  taken: Delivery[];
  seen: { redelivered: number; held: number; heldBytes: number };
  end(): Promise<void>;
}
const readings: Reading[] = [];
beforeEach(async () => {
  await operator.manager.streams.delete(STREAM).catch(() => undefined);
});
afterEach(async () => {
  await Promise.all(readings.splice(0).map((reading) => reading.end()));
});

/** A worker's hands: takes all that is delivered, acknowledges nothing by itself. */
async function read(): Promise<Reading> {
  const connection: NatsConnection = await connect({
    ...credentials(nats.urlOf("worker")),
    inboxPrefix: WORKER_INBOX_PREFIX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  const seen = { redelivered: 0, held: 0, heldBytes: 0 };
  const reader = await StreamReader.open(connection, {
    redelivered: () => seen.redelivered++,
    holding: (messages, bytes) => Object.assign(seen, { held: messages, heldBytes: bytes }),
    trouble: () => undefined,
  });
  const taken: Delivery[] = [];
  const taking = (async () => {
    for await (const delivery of reader.deliveries()) taken.push(delivery);
  })();
  const end = async () => {
    reader.stop();
    await taking;
    await connection.close();
  };
  const reading = { reader, taken, seen, end };
  readings.push(reading);
  return reading;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

const bytes = (size: number) => new Uint8Array(size).fill(7);
const info = () => operator.manager.consumers.info(STREAM, CONSUMER);

describe("reading the stream", () => {
  it("makes stream and consumer as infra/nats/ has them", async () => {
    await read();
    expect((await operator.manager.streams.info(STREAM)).config).toMatchObject({
      subjects: ["events.rrweb", "events.analytics"],
      discard: "new",
      max_age: 0,
    });
    expect((await info()).config).toMatchObject({ ack_policy: "explicit", max_deliver: -1 });
  });

  it("acknowledges nothing by itself, and then what it is told", async () => {
    const { reader, taken } = await read();
    for (let i = 0; i < 5; i++) await publisher.publish(bytes(10));
    await until(() => taken.length === 5);
    expect((await info()).ack_floor.stream_seq).toBe(0);
    await reader.acknowledge(taken.filter(({ seq }) => seq !== 2));
    await until(async () => (await info()).num_ack_pending === 1);
    expect((await info()).ack_floor.stream_seq).toBe(1);
    const second = await operator.manager.streams.getMessage(STREAM, { seq: 2 });
    expect(await reader.state()).toMatchObject({ lag: 4, oldestUnloadedAt: second?.time.getTime() });
    await reader.acknowledge(taken.filter(({ seq }) => seq === 2));
    await until(async () => (await info()).ack_floor.stream_seq === 5);
    expect(await reader.state()).toMatchObject({ lag: 0, oldestUnloadedAt: null });
  });

  it("keeps what it holds in progress, for as long as it takes", async () => {
    await (await read()).end();
    await operator.manager.consumers.update(STREAM, CONSUMER, { ack_wait: 4_000_000_000 });
    const { taken, seen } = await read();
    await publisher.publish(bytes(10));
    await sleep(5_000);
    expect(taken).toHaveLength(1);
    expect(seen.redelivered).toBe(0);
    expect((await info()).num_redelivered).toBe(0);
  });

  it("hands a message out once that comes again while it is held", async () => {
    const { reader, taken, seen } = await read();
    await operator.manager.consumers.update(STREAM, CONSUMER, { ack_wait: 500_000_000 }); // beats come every 5 s
    await publisher.publish(bytes(10));
    await until(() => seen.redelivered > 1);
    expect(taken).toHaveLength(1);
    await reader.acknowledge(taken);
    await until(async () => (await info()).ack_floor.stream_seq === 1);
  });

  it("stops pulling when its hands are full, and goes on when there is room", async () => {
    const { reader, taken, seen } = await read();
    const size = 4 * 1024 * 1024;
    for (let i = 0; i < 14; i++) await publisher.publish(bytes(size));
    await until(() => seen.heldBytes >= 4 * size);
    await sleep(2_500);
    expect(seen.heldBytes).toBeLessThanOrEqual(8 * size);
    expect(taken.length).toBeLessThan(14);
    while (taken.length < 14) {
      await reader.acknowledge(taken);
      await sleep(20);
    }
    expect(taken.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, i) => i + 1));
  });

  it("shares the stream with others", async () => {
    const both = [await read(), await read()];
    for (let i = 0; i < 40; i++) await publisher.publish(bytes(10));
    const seqs = () => both.flatMap(({ taken }) => taken.map(({ seq }) => seq));
    await until(() => seqs().length === 40);
    expect(new Set(seqs()).size).toBe(40);
  });
});

describe("a stream that is made anew", () => {
  it("does not take the ack of an old message for one of its own", async () => {
    const old = await read();
    await publisher.publish(bytes(10));
    await until(() => old.taken.length === 1);
    const { config } = await operator.manager.streams.info(STREAM);
    const { config: consumer } = await info();
    await operator.manager.streams.delete(STREAM);
    await operator.manager.streams.add(config);
    await operator.manager.consumers.add(STREAM, consumer);

    const other = await read();
    expect(await publisher.publish(bytes(11))).toBe(1);
    await until(() => other.taken.length + old.taken.length === 2);
    await old.reader.acknowledge(old.taken.slice(0, 1)); // loaded by now: the old message 1
    await sleep(300);
    expect(await info()).toMatchObject({ num_ack_pending: 1, ack_floor: { stream_seq: 0 } });
  });

  it("is read on, and acknowledged", async () => {
    const { reader, taken } = await read();
    await publisher.publish(bytes(10));
    await until(() => taken.length === 1);
    await operator.manager.streams.delete(STREAM);
    await until(async () => (await info().catch(() => null)) !== null);
    await publisher.publish(bytes(11));
    await until(() => taken.length === 2);
    await reader.acknowledge(taken);
    await until(async () => (await info()).ack_floor.stream_seq === 1);
  });
});

describe("a stream that has forgotten its last messages, as after a power cut or from a backup", () => {
  it("has others under their sequences, which are handed out though the old ones are in hand", async () => {
    const { reader, taken } = await read();
    await publisher.publish(bytes(10));
    await until(() => taken.length === 1);
    await reader.acknowledge(taken);
    await until(async () => (await info()).ack_floor.stream_seq === 1);
    await nats.stop();
    const backup = `${nats.storeDir}-backup`;
    await cp(nats.storeDir, backup, { recursive: true });
    await startAgain();
    await publisher.publish(bytes(11));
    await until(() => taken.length === 2);

    await nats.kill();
    await rm(nats.storeDir, { recursive: true });
    await rename(backup, nats.storeDir);
    await startAgain();
    expect(await publisher.publish(bytes(12))).toBe(2);
    await until(() => taken.length === 3);
    await reader.acknowledge(taken.slice(1, 2)); // loaded by now: the old message 2
    await sleep(300);
    expect(await info()).toMatchObject({ num_ack_pending: 1, ack_floor: { stream_seq: 1 } });
    await reader.acknowledge(taken.slice(2));
    await until(async () => (await info()).ack_floor.stream_seq === 2);
    expect(taken.map(({ data }) => data.byteLength)).toEqual([10, 11, 12]);
  });
});

describe("a stream that could lose a batch", () => {
  it.each([
    ["max_age", { max_age: 3_600_000_000_000 }],
    ["discard", { discard: "old" as const }],
    ["max_msgs_per_subject", { max_msgs_per_subject: 2 }],
  ])("is refused: %s", async (name, change) => {
    await (await read()).end();
    const { config } = await operator.manager.streams.info(STREAM);
    await operator.manager.streams.update(STREAM, { ...config, ...change } as typeof config);
    const error = await read().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(StreamFault);
    expect(String(error)).toContain(`${name} of stream EVENTS`);
  });

  it("would be one of which each subject has a few messages, though it discards new ones", async () => {
    await (await read()).end();
    const { config } = await operator.manager.streams.info(STREAM);
    await operator.manager.streams.update(STREAM, { ...config, max_msgs_per_subject: 2 });
    for (let i = 1; i <= 3; i++) expect(await publisher.publish(bytes(10))).toBe(i);
    expect((await operator.manager.streams.info(STREAM)).state).toMatchObject({ messages: 2, first_seq: 2 });
  });

  it.each([
    ["filter_subject", { filter_subject: "events.rrweb" }],
    ["headers_only", { headers_only: true }],
  ])("is refused for its consumer: %s", async (name, change) => {
    await (await read()).end();
    const { config } = await info();
    await operator.manager.consumers.delete(STREAM, CONSUMER);
    await operator.manager.consumers.add(STREAM, { ...config, ...change });
    const error = await read().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(StreamFault);
    expect(String(error)).toContain(`${name} of consumer WORKER`);
  });
});
