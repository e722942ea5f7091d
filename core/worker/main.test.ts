import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CONSUMER, STREAM, SUBJECT_ANALYTICS } from "#protocol/subject.ts";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import { startTestNats, type TestNats } from "../../test/support/nats.ts";
import { type Cuttable, cuttable } from "./testing/outage.ts";
import { openManager, openPublisher, type Publisher } from "./testing/publisher.ts";
import { custom, event, messageOf, sealed, sealedCustom } from "./testing/sealed.ts";
import { startWorker, type WorkerProcess } from "./testing/worker-process.ts";

let databases: FreshDatabases;
let nats: TestNats;
let ways: { clickhouse: Cuttable; postgres: Cuttable };
let publisher: Publisher;
const workers = new Set<WorkerProcess>();

beforeAll(async () => {
  [databases, nats] = await Promise.all([freshDatabases(), startTestNats()]);
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop')`;
  ways = { clickhouse: await cuttable(databases.clickhouseUrl), postgres: await cuttable(databases.postgresUrl) };
  await ready(worker()); // makes the stream
  await killWorkers();
  await redeliverSoon();
  publisher = await openPublisher(nats);
});
afterEach(killWorkers);
afterAll(async () => {
  await publisher.close();
  await Promise.all([ways.clickhouse.close(), ways.postgres.close()]);
  await Promise.all([databases.drop(), nats.drop()]);
});

async function killWorkers(): Promise<void> {
  for (const { signal, exited } of workers) {
    signal("SIGKILL");
    await exited;
  }
  workers.clear();
}

/** What a killed worker held comes back after some seconds, not after those that it has in production. */
async function redeliverSoon(seconds = 3): Promise<void> {
  const { manager, close } = await openManager(nats);
  await manager.consumers.update(STREAM, CONSUMER, { ack_wait: seconds * 1_000_000_000 });
  await close();
}

function worker(env: Record<string, string> = {}): WorkerProcess {
  const started = startWorker({
    CLICKHOUSE_URL: ways.clickhouse.url,
    POSTGRES_URL: ways.postgres.url,
    NATS_URL: nats.urlOf("worker"),
    ...env,
  });
  workers.add(started);
  return started;
}

async function ready(started: WorkerProcess): Promise<WorkerProcess> {
  await until(async () => (await health(started)).status === 200);
  return started;
}

async function health(started: WorkerProcess): Promise<{ status: number; engines: Record<string, string> }> {
  const response = await fetch(`${await started.url}/healthz`).catch((error: unknown) => {
    throw new Error(`the worker does not answer; it printed:\n${started.output()}`, { cause: error });
  });
  return { ...((await response.json()) as { engines: Record<string, string> }), status: response.status };
}

/** Waits for what must become true; the test's own timeout is what ends it otherwise. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}

/** Publishes `count` batches of five events in messages of up to three, as the edge groups them. */
async function publishSession(count: number): Promise<string> {
  const session_id = randomUUID();
  const batches = Array.from({ length: count }, (_, seq) =>
    sealed(
      [0, 1, 2, 3, 4].map((n) => event(seq * 5 + n)),
      { session_id, seq },
    ),
  );
  while (batches.length > 0) await publisher.publish(messageOf(...batches.splice(0, 1 + (batches.length % 3))));
  return session_id;
}

/** Publishes `count` batches of two custom events of the session, some alone, some beside a recording's. */
async function publishCustom(session_id: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const batch = sealedCustom([custom(n, "a", { props: { n } }), custom(n, "b")], { session_id });
    if (n % 3 === 0) await publisher.publish(messageOf(batch, sealed([event(n)], { session_id: randomUUID() }), batch));
    else await publisher.publish(messageOf(batch), SUBJECT_ANALYTICS);
  }
}

/** The session's custom events by time and name, copies folded by their key. */
async function customOf(sessionId: string): Promise<string[]> {
  const result = await databases.clickhouse.query({
    query: `SELECT event_name AS name, toUnixTimestamp64Milli(e.ts) AS at FROM events AS e FINAL
      WHERE project_id = 1 AND session_id = {id: UUID} AND NOT startsWith(event_name, '$') ORDER BY e.ts, event_name`,
    query_params: { id: sessionId },
    format: "JSONEachRow",
  });
  return (await result.json<{ name: string; at: number }>()).map(({ name, at }) => `${name}${at - event(0).timestamp}`);
}

/** Times of the session's events, as a reader gets them. */
async function timesOf(sessionId: string): Promise<number[]> {
  const result = await databases.clickhouse.query({
    query: `SELECT toUnixTimestamp64Milli(ts) AS at FROM events_rrweb WHERE project_id = 1 AND session_id = {id: UUID}
      AND batch_id IN (SELECT batch_id FROM batches WHERE session_id = {id: UUID})
      ORDER BY window_id, seq, batch_id, idx, version DESC LIMIT 1 BY batch_id, idx`,
    query_params: { id: sessionId },
    format: "JSONEachRow",
  });
  return (await result.json<{ at: number }>()).map(({ at }) => at);
}

const eventsOf = (batches: number) => Array.from({ length: batches * 5 }, (_, n) => event(n).timestamp);

async function drained(): Promise<boolean> {
  const { manager, close } = await openManager(nats);
  const stream = await manager.streams.info(STREAM);
  const consumer = await manager.consumers.info(STREAM, CONSUMER);
  await close();
  return consumer.ack_floor.stream_seq === stream.state.last_seq;
}

/** Everything is loaded once by reads, acknowledged, and counted right in the list. */
async function expectWhole(sessionId: string, batches: number): Promise<void> {
  await until(drained);
  expect(await timesOf(sessionId)).toEqual(eventsOf(batches));
  const [listed] =
    await databases.sql`SELECT batch_count, event_count FROM sessions_meta WHERE session_id = ${sessionId}`;
  expect(listed).toEqual({ batch_count: batches, event_count: String(batches * 5) });
}

describe("the worker", () => {
  it("loads what is published while it runs, and says so in its metrics", async () => {
    const started = await ready(worker());
    const session = await publishSession(7);
    await expectWhole(session, 7);
    const metrics = await (await fetch(`${await started.url}/metrics`)).text();
    expect(metrics).toMatch(/^rrhog_worker_lag_messages 0$/m);
    expect(metrics).toMatch(/^rrhog_worker_rows_total\{table="events_rrweb"\} 35$/m);
    expect(metrics).toMatch(/^rrhog_worker_batches_total\{verdict="loaded"\} 7$/m);
  });

  it("ends on SIGTERM with everything it held loaded and acknowledged", async () => {
    const started = await ready(worker());
    const session = await publishSession(5);
    started.signal("SIGTERM");
    expect(await started.exited).toEqual({ code: 0, signal: null });
    const rest = await timesOf(session);
    await ready(worker());
    await expectWhole(session, 5);
    expect(rest.length % 5).toBe(0);
  });

  it("loads each event once, though it is killed again and again and another runs beside it", async () => {
    const publishing = publishSession(150);
    const tracked = randomUUID();
    const tracking = publishCustom(tracked, 60);
    await ready(worker());
    for (let kills = 0; kills < 4; kills++) {
      const doomed = await ready(worker());
      await sleep(150 * kills);
      doomed.signal("SIGKILL");
      await doomed.exited;
    }
    await tracking;
    await expectWhole(await publishing, 150);
    expect(await customOf(tracked)).toEqual(Array.from({ length: 60 }, (_, n) => [`a${n}`, `b${n}`]).flat());
  });
});

describe("an outage", () => {
  it("of both databases costs nothing: the worker waits, says so, and catches up", async () => {
    const started = await ready(worker());
    await Promise.all([ways.clickhouse.cut(), ways.postgres.cut()]);
    const session = await publishSession(9);
    await until(async () => {
      const { status, engines } = await health(started);
      return status === 503 && engines.clickhouse !== "ok" && engines.postgres !== "ok" && engines.nats === "ok";
    });
    await ways.postgres.mend();
    await until(async () => (await health(started)).engines.postgres === "ok");
    await ways.clickhouse.mend();
    await expectWhole(session, 9);
    const { manager, close } = await openManager(nats);
    expect((await manager.consumers.info(STREAM, CONSUMER)).num_redelivered).toBe(0);
    await close();
  });

  it("at the start is waited for as well", async () => {
    await Promise.all([ways.clickhouse.cut(), ways.postgres.cut()]);
    const started = worker();
    await until(async () => (await health(started)).status === 503);
    const session = await publishSession(2);
    await Promise.all([ways.clickhouse.mend(), ways.postgres.mend()]);
    await expectWhole(session, 2);
  });

  it("of NATS, killed and started again, loses nothing", async () => {
    const started = await ready(worker());
    const before = await publishSession(20);
    await nats.kill();
    await until(async () => (await health(started)).engines.nats !== "ok");
    await nats.start();
    const after = await publishSession(3);
    await expectWhole(before, 20);
    await expectWhole(after, 3);
  });

  it("may be the stream's end: it is made anew and read from its first message", async () => {
    const started = await ready(worker());
    const before = await publishSession(4);
    await expectWhole(before, 4);
    const { manager, close } = await openManager(nats);
    await manager.streams.delete(STREAM);
    await close();
    await ready(started);
    const after = await publishSession(4);
    await expectWhole(after, 4);
  });
});

describe("a message under which workers die", () => {
  it("is tried alone, and what kills them is a dead letter at the tenth try, and takes no other with it", async () => {
    await redeliverSoon(2);
    const [poisoned, beside, before] = [randomUUID(), randomUUID(), await publishSession(6)];
    const besides = [0, 1].map((seq) =>
      sealed(
        [0, 1, 2, 3, 4].map((n) => event(seq * 5 + n)),
        { session_id: beside, seq },
      ),
    );
    // One event of nine hundred thousand texts: its JSON.parse takes more memory than the worker is given.
    const texts = `[${`"${"x".repeat(30)}",`.repeat(900_000)}""]`;
    const data = `{"tag":"a","payload":${texts}}`;
    const events = `[{"type":5,"timestamp":${event(0).timestamp},"data":${data}}]`;
    const poison = sealed(events, { session_id: poisoned, format: "framed" });
    await publisher.publish(messageOf(...besides.slice(0, 1), poison, ...besides.slice(1)));
    const after = await publishSession(6);
    let deaths = 0;
    const letters = () => databases.sql`SELECT reason FROM dead_letters WHERE session_id = ${poisoned}`;
    while ((await letters()).length === 0) {
      const { exited } = worker({ NODE_OPTIONS: "--max-old-space-size=56" });
      const died = await Promise.race([
        exited.then(() => true),
        until(async () => (await letters()).length > 0).then(() => false),
      ]);
      if (died) deaths++;
    }
    expect(await letters()).toEqual([{ reason: "tries_used_up: 10" }]);
    expect(deaths).toBeGreaterThanOrEqual(9);
    await expectWhole(beside, 2);
    await expectWhole(before, 6);
    await expectWhole(after, 6);
    await redeliverSoon();
  }, 600_000);
});

describe("a start that must not be", () => {
  const endOf = async (env: Record<string, string>) => {
    const started = worker(env);
    const { code } = await started.exited;
    return { code, line: started.output().trim().split("\n").at(-1) };
  };

  it("names the variable that is missing", async () => {
    expect(await endOf({ NATS_URL: "" })).toEqual({ code: 1, line: expect.stringMatching(/^worker: set NATS_URL /) });
  });

  it("names the port that is taken", async () => {
    const { port } = new URL(await (await ready(worker())).url);
    expect(await endOf({ WORKER_PORT: port })).toEqual({
      code: 1,
      line: `worker: port ${port} is taken: set WORKER_PORT`,
    });
  });

  it("names the setting by which an answered insert could be lost", async () => {
    const other = await freshDatabases();
    await other.clickhouse.command({ query: "ALTER TABLE batches MODIFY SETTING fsync_after_insert = 0" });
    expect(await endOf({ CLICKHOUSE_URL: other.clickhouseUrl, POSTGRES_URL: other.postgresUrl })).toEqual({
      code: 1,
      line: "worker: clickhouse: fsync_after_insert of table batches is 0, not at least 1",
    });
    await other.drop();
  });

  it("names the stream's setting by which a 202 could be lost", async () => {
    const { manager, close } = await openManager(nats);
    const { config } = await manager.streams.info(STREAM);
    await manager.streams.update(STREAM, { ...config, max_age: 86_400_000_000_000 });
    expect(await endOf({})).toEqual({
      code: 1,
      line: "worker: nats: max_age of stream EVENTS is 86400000000000, not 0",
    });
    await manager.streams.update(STREAM, { ...config, max_age: 0 });
    await close();
  });
});
