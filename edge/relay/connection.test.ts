import { env } from "cloudflare:workers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SUBJECT_RRWEB } from "#protocol/subject.ts";
import { openStream, SOON, steer } from "../test/edge.ts";
import { Connection, type ConnectionSettings } from "./connection.ts";

const MESSAGE = [new TextEncoder().encode("message")];
let stream: Awaited<ReturnType<typeof openStream>>;
const opened: Connection[] = [];

beforeAll(async () => {
  stream = await openStream();
});
afterEach(() => Promise.all(opened.splice(0).map((connection) => connection.close())));
afterAll(async () => {
  await stream.manager.streams.purge("EVENTS"); // these messages are no batches
  await stream.close();
});

function connect(settings: Partial<ConnectionSettings> = {}): Connection {
  const connection = new Connection({
    url: env.NATS_WS_URL,
    user: "edge",
    password: env.NATS_PASSWORD,
    name: "test",
    budgetMs: 5_000,
    patienceMs: 10_000,
    pingMs: 10_000,
    idleMs: 60_000,
    ...settings,
  });
  opened.push(connection);
  return connection;
}

describe("a connection", () => {
  it("is opened by the first publish, and shared by those that come meanwhile", async () => {
    const before = await stream.lastSeq();
    const connection = connect();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => connection.publish(SUBJECT_RRWEB, MESSAGE)));
    const seqs = outcomes.map((outcome) => (outcome.kind === "acked" ? outcome.seq - before : outcome.reason));
    expect(seqs.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it("closes itself when it is idle, and opens again for the next publish", async () => {
    const connection = connect({ idleMs: 50 });
    await connection.publish(SUBJECT_RRWEB, MESSAGE);
    await expect.poll(() => connection.isOpen, SOON).toBe(false);
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toMatchObject({ kind: "acked" });
  });

  it("that was opened for a look alone is closed soon, one that was published on stays", async () => {
    const [looked, used] = [connect(), connect()];
    expect(await used.isConnected()).toBe(true);
    expect(await used.publish(SUBJECT_RRWEB, MESSAGE)).toMatchObject({ kind: "acked" });
    expect(await looked.isConnected()).toBe(true);
    await expect.poll(() => looked.isOpen, SOON).toBe(false);
    expect(used.isOpen).toBe(true);
  });

  it("is not idle while a PubAck is awaited", async () => {
    const connection = connect({ idleMs: 50 });
    await steer({ pubAckDelayMs: 400 });
    try {
      expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toMatchObject({ kind: "acked" });
    } finally {
      await steer({ pubAckDelayMs: 0 });
    }
    await expect.poll(() => connection.isOpen, SOON).toBe(false);
  });

  it("is not made with a wrong password, and says so within the budget", async () => {
    const connection = connect({ password: "wrong" });
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toEqual({ kind: "no_puback", reason: "not_connected" });
    expect(await connection.isConnected()).toBe(false);
  });

  it("is not made to an address where nothing answers", async () => {
    // TEST-NET-1 (RFC 5737): packets to it go nowhere, or a router refuses them.
    const connection = connect({ url: "ws://192.0.2.1:9222", budgetMs: 200 });
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toEqual({ kind: "no_puback", reason: "not_connected" });
  });

  it("is not made to an address that is none, and never rejects", async () => {
    const connection = connect({ url: "ws://127.0.0.1:1/#fragment" });
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toEqual({ kind: "no_puback", reason: "not_connected" });
    expect(connection.unavailable()).toBe("not_connected");
  });

  it("does not publish what has become another while it was opened", async () => {
    const before = await stream.lastSeq();
    const outcome = await connect().publish(SUBJECT_RRWEB, MESSAGE, () => false);
    expect(outcome).toEqual({ kind: "no_puback", reason: "timeout" });
    expect(await stream.lastSeq()).toBe(before);
  });

  it("goes on after a publish that the server refuses", async () => {
    const connection = connect();
    expect(await connection.publish("not.ours", MESSAGE)).toEqual({ kind: "no_puback", reason: "refused" });
    const tooLarge = [new Uint8Array(9 * 1024 * 1024)];
    expect(await connection.publish(SUBJECT_RRWEB, tooLarge)).toEqual({
      kind: "no_puback",
      reason: "message_too_large",
    });
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toMatchObject({ kind: "acked" });
  });

  it("tells a full stream, and goes on when there is room again", async () => {
    const connection = connect();
    const { config } = await stream.manager.streams.info("EVENTS");
    await stream.manager.streams.update("EVENTS", { max_bytes: 1 });
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toEqual({ kind: "no_puback", reason: "stream_full" });
    await stream.manager.streams.update("EVENTS", { max_bytes: config.max_bytes });
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toMatchObject({ kind: "acked" });
  });

  it("tells a missing stream, and goes on when there is one", async () => {
    const connection = connect();
    const { config } = await stream.manager.streams.info("EVENTS");
    await stream.manager.streams.delete("EVENTS");
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toEqual({ kind: "no_puback", reason: "no_stream" });
    await stream.manager.streams.add(config);
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toMatchObject({ kind: "acked", seq: 1 });
  });

  it("takes no PubAck of a stream that no worker reads", async () => {
    const connection = connect();
    const { config } = await stream.manager.streams.info("EVENTS");
    await stream.manager.streams.delete("EVENTS");
    await stream.manager.streams.add({ ...config, name: "OTHER" });
    expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toEqual({ kind: "no_puback", reason: "refused" });
    await stream.manager.streams.delete("OTHER");
    await stream.manager.streams.add(config);
  });

  it("drops a socket whose server neither acknowledges nor answers a ping, and comes back without it", async () => {
    const connection = connect({ budgetMs: 300, patienceMs: 120_000 });
    await connection.publish(SUBJECT_RRWEB, MESSAGE);
    await steer({ nats: "freeze" });
    try {
      // Waited for the PubAck alone it would outlast the test.
      expect(await connection.publish(SUBJECT_RRWEB, MESSAGE)).toEqual({
        kind: "no_puback",
        reason: "connection_lost",
      });
      expect(connection.unavailable()).toBe("not_connected");
    } finally {
      await steer({ nats: "thaw" });
    }
    await expect.poll(() => connection.publish(SUBJECT_RRWEB, MESSAGE), SOON).toMatchObject({ kind: "acked" });
  });
});

describe("a server that is frozen while nothing is published", () => {
  it("is known to be gone once it has not answered its pings", async () => {
    const connection = connect({ pingMs: 100 });
    await connection.publish(SUBJECT_RRWEB, MESSAGE);
    await steer({ nats: "freeze" });
    try {
      await expect.poll(() => connection.isOpen, SOON).toBe(false);
      expect(connection.unavailable()).toBe("not_connected");
    } finally {
      await steer({ nats: "thaw" });
    }
    await expect.poll(() => connection.publish(SUBJECT_RRWEB, MESSAGE), SOON).toMatchObject({ kind: "acked" });
  });
});

describe("a server that is killed", () => {
  it("costs the publishes on their way a word at once, and those after it no wait", async () => {
    const patient = connect({ budgetMs: 45_000 });
    await patient.publish(SUBJECT_RRWEB, MESSAGE);
    await steer({ nats: "freeze" });
    const underWay = patient.publish(SUBJECT_RRWEB, MESSAGE);
    await steer({ nats: "kill" });
    // Were it not told at once, these would wait 45 s each, and the test would end before them.
    expect(await underWay).toEqual({ kind: "no_puback", reason: "connection_lost" });
    const after = await Promise.all(Array.from({ length: 20 }, () => patient.publish(SUBJECT_RRWEB, MESSAGE)));
    expect(new Set(after.map((outcome) => JSON.stringify(outcome)))).toEqual(
      new Set(['{"kind":"no_puback","reason":"not_connected"}']),
    );
    await steer({ nats: "start" });
    await expect.poll(() => patient.publish(SUBJECT_RRWEB, MESSAGE), SOON).toMatchObject({ kind: "acked" });
    stream = await openStream();
  });
});
