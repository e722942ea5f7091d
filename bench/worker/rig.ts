/** What the worker's figures are measured on: a real nats-server, ClickHouse's engine and Postgres, as in `npm start`. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { type ClickHouseClient, openClickHouse } from "#core/store/clickhouse/client.ts";
import { migrate } from "#core/store/migrate.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import consumerJson from "#infra/nats/consumer.json" with { type: "json" };
import streamJson from "#infra/nats/stream.json" with { type: "json" };
import { CONSUMER, STREAM, SUBJECT_RRWEB } from "#protocol/subject.ts";
import { startClickHouse } from "#stack/engines/clickhouse.ts";
import { type Engine, freePort } from "#stack/engines/engine.ts";
import { startNats } from "#stack/engines/nats.ts";
import { findNatsServer } from "#stack/engines/nats-binary.ts";
import { startPostgres } from "#stack/engines/postgres.ts";

/** The project that all batches are of. */
export const PROJECT_ID = 1;

/** Messages on their way to the stream at once. */
const PUBLISHES = 16;

/** An empty database in each engine, with our tables. */
export interface Storage {
  clickhouseUrl: string;
  clickhouse: ClickHouseClient;
  postgresUrl: string;
  drop(): Promise<void>;
}

export interface Rig {
  natsUrl: string;
  /** Where processes may log to. */
  folder: string;
  clickhousePid: number;
  openStorage(): Promise<Storage>;
  /** Makes stream and consumer anew and publishes these messages. */
  fillStream(messages: Iterable<Uint8Array>): Promise<void>;
  /** Messages that are not acknowledged, and of those the ones that nobody has been given. */
  left(): Promise<{ unacknowledged: number; undelivered: number }>;
  close(): Promise<void>;
}

export async function openRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-bench-"));
  const started: Engine[] = [];
  const keep = <E extends Engine>(engine: E): E => {
    started.push(engine);
    return engine;
  };
  const at = async (name: string) => ({
    dataDir: join(folder, name),
    port: await freePort(),
    logFile: join(folder, `${name}.log`),
  });
  const [clickhouse, postgres, nats] = await Promise.all([
    startClickHouse(await at("clickhouse")).then(keep),
    startPostgres(await at("postgres")).then(keep),
    startNats({
      binary: (await findNatsServer()).path,
      storeDir: join(folder, "nats"),
      port: await freePort(),
      wsPort: await freePort(),
      httpPort: await freePort(),
      edgePassword: "bench-edge-password",
      workerPassword: "bench-worker-password",
      logFile: join(folder, "nats.log"),
    }).then(keep),
  ]);
  const servers = new URL(nats.url).host;
  const edge = await connect({ servers, user: "edge", pass: "bench-edge-password", inboxPrefix: "_INBOX_edge" });
  const worker = await connect({
    servers,
    user: "worker",
    pass: "bench-worker-password",
    inboxPrefix: "_INBOX_worker",
  });
  const manager = await jetstreamManager(worker, { checkAPI: false });

  return {
    natsUrl: `nats://worker:bench-worker-password@${servers}`,
    folder,
    clickhousePid: clickhouse.pid,
    openStorage: () => openStorage(clickhouse.url, postgres.url),
    async fillStream(messages) {
      await remakeStream(manager);
      const stream = jetstream(edge);
      const source = messages[Symbol.iterator]();
      const publish = async () => {
        for (let next = source.next(); !next.done; next = source.next())
          await stream.publish(SUBJECT_RRWEB, next.value);
      };
      await Promise.all(Array.from({ length: PUBLISHES }, publish));
    },
    async left() {
      const { num_pending, num_ack_pending } = await manager.consumers.info(STREAM, CONSUMER);
      return { unacknowledged: num_pending + num_ack_pending, undelivered: num_pending };
    },
    async close() {
      await Promise.all([edge.close(), worker.close()]);
      await Promise.all(started.map((engine) => engine.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function remakeStream(manager: JetStreamManager): Promise<void> {
  await manager.streams.delete(STREAM).catch(() => undefined); // there is none at first
  await manager.streams.add(streamJson as Parameters<typeof manager.streams.add>[0]);
  await manager.consumers.add(STREAM, consumerJson as Parameters<typeof manager.consumers.add>[1]);
}

async function openStorage(clickhouseUrl: string, postgresUrl: string): Promise<Storage> {
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  const urls = { clickhouseUrl: withPath(clickhouseUrl, name), postgresUrl: withPath(postgresUrl, name) };
  const clickhouseAdmin = openClickHouse(clickhouseUrl, "bench");
  const admin = openPostgres(postgresUrl, "bench");
  await admin`CREATE DATABASE ${admin(name)}`;
  await clickhouseAdmin.command({ query: `CREATE DATABASE ${name}` });
  const clickhouse = openClickHouse(urls.clickhouseUrl, "bench");
  const sql = openPostgres(urls.postgresUrl, "bench");
  await migrate({ sql, clickhouse });
  await sql`INSERT INTO projects (id, name) VALUES (${PROJECT_ID}, 'Bench')`;
  await sql.end();
  return {
    ...urls,
    clickhouse,
    async drop() {
      await admin`DROP DATABASE ${admin(name)} WITH (FORCE)`;
      await clickhouseAdmin.command({ query: `DROP DATABASE ${name} SYNC` });
      await Promise.all([admin.end(), clickhouseAdmin.close(), clickhouse.close()]);
    },
  };
}

function withPath(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}
