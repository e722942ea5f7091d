import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { JetStreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openManager, openPublisher, type Publisher } from "#core/worker/testing/publisher.ts";
import { custom, event, messageOf, sealed, sealedCustom } from "#core/worker/testing/sealed.ts";
import { startWorker, type WorkerProcess } from "#core/worker/testing/worker-process.ts";
import { CONSUMER, STREAM, SUBJECT_ANALYTICS } from "#protocol/subject.ts";
import { type FreshDatabases, freshDatabases } from "../test/support/databases.ts";
import { startTestNats, type TestNats } from "../test/support/nats.ts";

const BACKFILL = fileURLToPath(new URL("backfill.ts", import.meta.url));
const TABLES = ["events_rrweb", "batches", "events"];
const SESSIONS = Array.from({ length: 4 }, () => randomUUID());

let databases: FreshDatabases;
let nats: TestNats;
let publisher: Publisher;
let operator: { manager: JetStreamManager; close(): Promise<void> };
let worker: WorkerProcess;

/** A stream that a worker has loaded: recordings, custom events, copies, a batch that can never be read. */
beforeAll(async () => {
  [databases, nats] = await Promise.all([freshDatabases(), startTestNats()]);
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop')`;
  worker = startWorker({
    CLICKHOUSE_URL: databases.clickhouseUrl,
    POSTGRES_URL: databases.postgresUrl,
    NATS_URL: nats.urlOf("worker"),
  });
  await worker.url;
  [publisher, operator] = await Promise.all([openPublisher(nats), openManager(nats)]);
  await until(() =>
    operator.manager.consumers.info(STREAM, CONSUMER).then(
      () => true,
      () => false,
    ),
  );
  for (const [s, session_id] of SESSIONS.entries()) {
    const page = event(0, 4, { href: `https://shop.test/${s}`, width: 800, height: 600 });
    const batches = [0, 1, 2].map((seq) => sealed([page, event(seq * 10)], { session_id, seq, end: seq === 2 }));
    await publisher.publish(messageOf(...batches));
    await publisher.publish(messageOf(sealedCustom([custom(s), custom(s + 1)], { session_id })), SUBJECT_ANALYTICS);
    const [copy] = batches;
    if (copy) await publisher.publish(messageOf({ ...copy, envelope: { ...copy.envelope, durable: "spool" } }));
  }
  const cut = sealed([event(1)], { session_id: SESSIONS[0], seq: 9 });
  await publisher.publish(messageOf({ ...cut, body: cut.body.subarray(0, 20) }));
  await until(async () => (await lag()) === 0);
  // What it makes of a session that has been quiet for a while would come in the middle of a test.
  worker.signal("SIGTERM");
  await worker.exited;
});
afterAll(async () => {
  worker.signal("SIGKILL");
  await worker.exited;
  await Promise.all([publisher.close(), operator.close()]);
  await Promise.all([databases.drop(), nats.drop()]);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

async function lag(): Promise<number> {
  const [stream, consumer] = await Promise.all([
    operator.manager.streams.info(STREAM),
    operator.manager.consumers.info(STREAM, CONSUMER),
  ]);
  return stream.state.last_seq - consumer.ack_floor.stream_seq;
}

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [BACKFILL, ...args], {
    env: {
      PATH: process.env.PATH ?? "",
      CLICKHOUSE_URL: databases.clickhouseUrl,
      POSTGRES_URL: databases.postgresUrl,
      NATS_URL: nats.urlOf("worker"),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (printed: string) => {
      output += printed;
    });
  }
  const exited = once(child, "close").then(([code]) => ({ code: code as number, output }));
  return { exited, output: () => output, interrupt: () => child.kill("SIGINT") };
}

const backfill = (...args: string[]) => start(args).exited;

/** All rows as a reader gets them. When a row was written is none of what it says. */
async function readable(): Promise<Record<string, unknown[]>> {
  const rows: Record<string, unknown[]> = {};
  for (const table of TABLES) {
    const query = `SELECT * EXCEPT ingest_ts FROM ${table} FINAL ORDER BY ALL`;
    rows[table] = await (await databases.clickhouse.query({ query, format: "JSONEachRow" })).json();
  }
  const sessions = await databases.sql<{ updated_at: Date }[]>`SELECT * FROM sessions_meta ORDER BY session_id`;
  rows.sessions_meta = sessions.map(({ updated_at: _, ...session }) => session);
  const letters = await databases.sql<{ died_at: Date }[]>`SELECT * FROM dead_letters ORDER BY id`;
  rows.dead_letters = letters.map(({ died_at: _, ...letter }) => letter);
  return rows;
}

/** A ClickHouse that answers every question, and is away for inserts. */
async function takesNoRows(clickhouseUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const query = await text(request);
    const statement = new URL(request.url ?? "/", clickhouseUrl).searchParams.get("query") ?? query;
    if (statement.startsWith("INSERT"))
      return response.writeHead(503).end("Code: 210. DB::NetException: away. (NETWORK_ERROR)");
    const answer = await fetch(new URL(request.url ?? "/", clickhouseUrl), { method: "POST", body: query });
    return response.writeHead(answer.status).end(await answer.text());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(clickhouseUrl);
  url.port = String((server.address() as AddressInfo).port);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { url: url.toString(), close };
}

describe("backfill", () => {
  it("changes nothing that was right, and not the workers' consumer", async () => {
    const before = await readable();
    expect(before.events_rrweb).toHaveLength(4 * 6);
    expect(before.dead_letters).toHaveLength(1);
    const consumer = await operator.manager.consumers.info(STREAM, CONSUMER);
    const { code, output } = await backfill("--from", "2020-01-01");
    expect(code, output).toBe(0);
    expect(output).toMatch(/messages +13, sequences 1 to 13 of 13/);
    expect(output).toMatch(/batches loaded again +20 /);
    expect(output).toMatch(/dead letters +1 · 1 × body_not_inflatable/);
    expect(output).not.toContain("holds nothing any more");
    expect(await readable()).toEqual(before);
    const after = await operator.manager.consumers.info(STREAM, CONSUMER);
    expect([after.ack_floor, after.delivered.consumer_seq]).toEqual([
      consumer.ack_floor,
      consumer.delivered.consumer_seq,
    ]);
    const { consumers } = await operator.manager.streams
      .info(STREAM)
      .then(({ state }) => ({ consumers: state.consumer_count }));
    expect(consumers).toBe(1);
  });

  it("fills a table that was emptied", async () => {
    const before = await readable();
    for (const table of TABLES) await databases.clickhouse.command({ query: `TRUNCATE TABLE ${table}` });
    expect((await readable()).events_rrweb).toEqual([]);
    const { code, output } = await backfill("--from", "2020-01-01T00:00:00Z");
    expect(code, output).toBe(0);
    expect(await readable()).toEqual(before);
  });

  it("takes what came from a time on, and before another", async () => {
    const times = new Map<number, number>();
    for (let seq = 1; seq <= 13; seq++) {
      times.set(seq, (await operator.manager.streams.getMessage(STREAM, { seq }))?.time.getTime() ?? 0);
    }
    const [from = 0, to = 0] = [times.get(4), times.get(7)];
    // Several may have come within one millisecond.
    const wanted = [...times].filter(([, time]) => time >= from && time < to).map(([seq]) => seq);
    const { output } = await backfill("--from", new Date(from).toISOString(), "--to", new Date(to).toISOString());
    const [first, last] = [wanted[0], wanted.at(-1)];
    expect(output).toMatch(new RegExp(`messages +${wanted.length}, sequences ${first} to ${last} of ${last}`));
    expect((await backfill("--from", "2999-01-01")).output).toContain("The stream holds nothing of that time.");
  });

  it("says when the stream does not hold the beginning any more", async () => {
    const from = new Date(Date.now() - 3_600_000).toISOString();
    await operator.manager.streams.purge(STREAM, { seq: 3 });
    const { code, output } = await backfill("--from", from);
    expect(code, output).toBe(0);
    expect(output).toContain(`The stream holds nothing any more of what came from ${from} to `);
    expect(output).toMatch(/messages +11, sequences 3 to 13 of 13/);
  });

  it("is ended by Ctrl-C, while it waits for an engine too, and says how to go on", async () => {
    const clickhouse = await takesNoRows(databases.clickhouseUrl);
    try {
      const running = start(["--from", "2020-01-01"], { CLICKHOUSE_URL: clickhouse.url });
      await until(async () => running.output().includes("load waits for clickhouse"));
      running.interrupt();
      const { code, output } = await running.exited;
      expect(code).toBe(1);
      expect(output).toContain("Stopped. To go on: the same --from");
    } finally {
      await clickhouse.close();
    }
  });

  it.each([
    [["--from", "yesterday"], "is no ISO 8601 time"],
    [[], "from when on, please"],
  ])("refuses %j", async (args, why) => {
    const { code, output } = await backfill(...args);
    expect(code).toBe(1);
    expect(output).toContain(why);
  });
});
