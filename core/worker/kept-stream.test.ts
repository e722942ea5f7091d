import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WORKER_INBOX_PREFIX } from "#protocol/subject.ts";
import { startTestNats, type TestNats } from "../../test/support/nats.ts";
import { StreamReader } from "./consume.ts";
import { KeptStream } from "./kept-stream.ts";
import { credentials, openPublisher } from "./testing/publisher.ts";

let nats: TestNats;
let connection: NatsConnection;
beforeAll(async () => {
  nats = await startTestNats();
  connection = await connect({
    ...credentials(nats.urlOf("worker")),
    inboxPrefix: WORKER_INBOX_PREFIX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
});
afterAll(async () => {
  await connection.close();
  await nats.drop();
});

it("is read in order, each message once, over a server that was killed", async () => {
  const watch = { redelivered: () => undefined, holding: () => undefined, trouble: () => undefined };
  await StreamReader.open(connection, watch); // makes the stream
  const publisher = await openPublisher(nats);
  const count = 24;
  // More than one pull holds.
  for (let n = 1; n <= count; n++) await publisher.publish(new Uint8Array(1024 * 1024).fill(n));
  await publisher.close();

  const stream = await KeptStream.open(connection);
  const range = await stream.range(new Date(0), null);
  expect(range).toEqual({ first: 1, last: count, goneBefore: null });
  const taken: [seq: number, first: number | undefined][] = [];
  for await (const { seq, data } of stream.messages(range, AbortSignal.timeout(60_000))) {
    taken.push([seq, data[0]]);
    if (seq !== 5) continue;
    await nats.kill();
    await nats.start();
  }
  expect(taken).toEqual(Array.from({ length: count }, (_, i) => [i + 1, i + 1]));
});
