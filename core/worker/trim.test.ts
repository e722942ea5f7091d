import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, type JetStreamManager, jetstream } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import streamJson from "#infra/nats/stream.json" with { type: "json" };
import { CONSUMER, STREAM, WORKER_INBOX_PREFIX } from "#protocol/subject.ts";
import { startTestNats, type TestNats } from "../../test/support/nats.ts";
import { createMetrics } from "./metrics.ts";
import { credentials, openManager, openPublisher, type Publisher } from "./testing/publisher.ts";
import { trim } from "./trim.ts";

const KB = 1024;
const HOUR_MS = 3_600_000;

let nats: TestNats;
let publisher: Publisher;
let connection: NatsConnection;
let operator: { manager: JetStreamManager; close(): Promise<void> };
beforeAll(async () => {
  nats = await startTestNats();
  publisher = await openPublisher(nats);
  operator = await openManager(nats);
  connection = await connect({ ...credentials(nats.urlOf("worker")), inboxPrefix: WORKER_INBOX_PREFIX });
});
afterAll(async () => {
  await Promise.all([publisher.close(), operator.close(), connection.close()]);
  await nats.drop();
});
beforeEach(async () => {
  await operator.manager.streams.delete(STREAM).catch(() => undefined);
  await makeStream(100 * KB * KB);
});

afterEach(() => {
  vi.useRealTimers();
});

async function makeStream(max_bytes: number): Promise<void> {
  await operator.manager.streams.add({ name: STREAM, subjects: streamJson.subjects, max_bytes, max_age: 0 });
  await operator.manager.consumers.add(STREAM, { durable_name: CONSUMER, ack_policy: AckPolicy.Explicit });
}

async function publish(count: number, bytes = KB): Promise<void> {
  for (let i = 0; i < count; i++) await publisher.publish(new Uint8Array(bytes));
}

async function acknowledge(count: number, isAcked = (_seq: number) => true): Promise<void> {
  const consumer = await jetstream(connection).consumers.get(STREAM, CONSUMER);
  const pull = await consumer.fetch({ max_messages: count, expires: 60_000 });
  for await (const message of pull) if (isAcked(message.seq)) await message.ackAck();
}

const trimNow = (keptMs: number) =>
  trim({
    manager: operator.manager,
    keptMs,
    metrics: createMetrics(async () => null),
    log: pino({ level: "silent" }),
  });
const kept = async () => (await operator.manager.streams.info(STREAM)).state;

it("takes what is loaded and older than it is kept, and nothing that is not loaded", async () => {
  await publish(6);
  await acknowledge(6, (seq) => seq !== 4);
  expect(await trimNow(0)).toBe(3);
  expect(await kept()).toMatchObject({ first_seq: 4, last_seq: 6 });
  await sleep(10);
  expect(await trimNow(0)).toBe(0);
});

it("keeps what is younger", async () => {
  await publish(3);
  await sleep(20);
  const between = Date.now();
  await sleep(20);
  await publish(2);
  await acknowledge(5);
  expect(await trimNow(HOUR_MS)).toBe(0);
  // Its age is reckoned after the stream has been asked, which may take a while.
  vi.useFakeTimers({ toFake: ["Date"] });
  expect(await trimNow(Date.now() - between)).toBe(3);
  expect(await kept()).toMatchObject({ first_seq: 4 });
});

it("takes younger ones, oldest first, while the stream is more than half full", async () => {
  await operator.manager.streams.delete(STREAM);
  await makeStream(400 * KB);
  await publish(30, 10 * KB);
  await acknowledge(30);
  await trimNow(HOUR_MS);
  await trimNow(HOUR_MS);
  const { bytes, messages } = await kept();
  expect(bytes).toBeLessThanOrEqual(200 * KB);
  expect(messages).toBeGreaterThan(15);
});

it("never takes a stream for half full that has no bound", async () => {
  await operator.manager.streams.delete(STREAM);
  await makeStream(-1);
  await publish(5);
  await acknowledge(5);
  expect(await trimNow(HOUR_MS)).toBe(0);
});

it("leaves a half full stream alone of which nothing is loaded", async () => {
  await operator.manager.streams.delete(STREAM);
  await makeStream(400 * KB);
  await publish(30, 10 * KB);
  expect(await trimNow(0)).toBe(0);
  expect(await kept()).toMatchObject({ messages: 30 });
});

it("passes over what was deleted from the middle", async () => {
  await publish(8);
  await acknowledge(8);
  for (const seq of [2, 3, 4, 5]) await operator.manager.streams.deleteMessage(STREAM, seq);
  expect(await trimNow(0)).toBe(4);
  expect(await kept()).toMatchObject({ messages: 0 });
});

it("does not trust a floor of a stream that was made anew", async () => {
  await publish(9);
  await acknowledge(9);
  await operator.manager.streams.delete(STREAM);
  await makeStream(100 * KB * KB);
  await publish(3);
  expect(await trimNow(0)).toBe(0);
  expect(await kept()).toMatchObject({ first_seq: 1, messages: 3 });
});
