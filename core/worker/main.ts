/** The worker: settings → engines → what a 202 rests on, asserted → stream → pipeline, and a graceful end. Wiring only. */
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { pino } from "pino";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { clickhouseFaults } from "#core/store/clickhouse/durability.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { postgresFaults } from "#core/store/postgres/durability.ts";
import { repairSubject, WORKER_INBOX_PREFIX } from "#protocol/subject.ts";
import { AssetFetcher } from "./assets/fetcher.ts";
import { AssetWatch } from "./assets/watch.ts";
import { type Delivery, StreamFault, StreamReader } from "./consume.ts";
import { deletedHints } from "./deleted-hints.ts";
import { GapWatch } from "./gap-watch.ts";
import { serveHealth } from "./health.ts";
import { keepImporting } from "./imports.ts";
import { readWindows } from "./ledgers.ts";
import { createMetrics } from "./metrics.ts";
import type { Pipeline } from "./pass-stages.ts";
import { runPipeline } from "./pipeline.ts";
import { keepRedriving } from "./redrive.ts";
import { readSettings } from "./settings.ts";
import { keepSpanFacts } from "./span-facts.ts";
import { keepSwept } from "./sweep.ts";
import { keepTrimmed } from "./trim.ts";
import { Waits } from "./waits.ts";

const RETRY_MS = 1_000;

/** What a stop may take: the supervisor ends by force what takes longer. */
const GRACE_MS = 6_000;

const settings = orExit(() => readSettings(process.env));
const log = pino({ level: settings.LOG_LEVEL, base: { part: "worker" } });
const sql = openPostgres(settings.POSTGRES_URL, "rrhog-worker");
const clickhouse = openClickHouse(settings.CLICKHOUSE_URL, "rrhog-worker");
let reader: StreamReader | null = null;
const metrics = createMetrics(() => streamState().catch(() => null));
const waits = new Waits(log, metrics);

const stopping = new AbortController();
const giveUp = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    log.info({ signal }, "stopping");
    stopping.abort();
    reader?.stop();
    setTimeout(() => giveUp.abort(), GRACE_MS).unref();
  });
}

const server = await serveHealth(
  {
    probes: {
      nats: streamState,
      clickhouse: () => clickhouse.command({ query: "SELECT 1" }),
      postgres: () => sql`SELECT 1`,
    },
    registry: metrics.registry,
    waitingFor: () => waits.lines(),
  },
  settings.WORKER_HOST,
  settings.WORKER_PORT,
).catch((error: NodeJS.ErrnoException) =>
  exit(error.code === "EADDRINUSE" ? `port ${settings.WORKER_PORT} is taken: set WORKER_PORT` : error.message),
);
log.info({ address: server.address() }, "serving_health");

const faults = [
  ...(await patiently("clickhouse", () => clickhouseFaults(clickhouse))),
  ...(await patiently("postgres", () => postgresFaults(sql))),
];
if (faults.length > 0) exit(faults.join("; "));

const natsUrl = new URL(settings.NATS_URL);
const nats = await patiently("nats", () =>
  connect({
    servers: natsUrl.host,
    user: decodeURIComponent(natsUrl.username),
    pass: decodeURIComponent(natsUrl.password),
    name: "rrhog-worker",
    inboxPrefix: WORKER_INBOX_PREFIX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    ignoreAuthErrorAbort: true,
  }),
);
// The client reconnects for ever; should it give up all the same, a new process is the way back.
void nats.closed().then((error) => {
  if (!stopping.signal.aborted) exit(`nats: the connection closed for good (${error?.message ?? "no reason told"})`);
});
reader = await patiently("nats", () =>
  StreamReader.open(nats, {
    redelivered: () => metrics.redeliveries.inc(),
    holding: (messages, bytes) => {
      metrics.heldMessages.set(messages);
      metrics.heldBytes.set(bytes);
    },
    trouble: (why) => waits.set("nats", why),
  }),
);
log.info("consuming");

const gaps = new GapWatch({
  lastingMs: settings.GAP_LASTING_S * 1_000,
  readWindows: (sessions) => readWindows(sessions, { sql, clickhouse }),
  // Plain: kept nowhere, and a relay that does not listen now has no use for it later.
  publish: (region, hint) => nats.publish(repairSubject(region), JSON.stringify(hint)),
  metrics,
  log,
});
void gaps.run(stopping.signal);
const assets = new AssetWatch({ sql, metrics, log, noted: () => fetcher.wake() });
const fetcher = new AssetFetcher({
  sql,
  metrics,
  log,
  loopback: settings.ASSETS_LOOPBACK === "1",
  isWanted: () => assets.isOn,
});
void assets.run(stopping.signal);
void fetcher.run(stopping.signal);
void keepTrimmed(
  {
    manager: await patiently("nats", () => jetstreamManager(nats, { checkAPI: false })),
    keptMs: settings.STREAM_KEPT_H * 3_600_000,
    metrics,
    log,
  },
  stopping.signal,
);

void keepSwept(
  {
    sql,
    clickhouse,
    metrics,
    log,
    streamPlace: () => (reader ? reader.place() : Promise.reject(new Error("not connected"))),
  },
  stopping.signal,
);

void keepSpanFacts({ sql, clickhouse, metrics, log }, stopping.signal);

const pipeline: Pipeline = {
  sql,
  clickhouse,
  metrics,
  gaps,
  assets,
  refused: (batches) => {
    for (const hint of deletedHints(batches)) nats.publish(repairSubject(hint.region), JSON.stringify(hint.deleted));
  },
  acknowledge: (deliveries) => reader?.acknowledge(deliveries) ?? Promise.resolve(),
  waiting: (stage, held) => waits.setStage(stage, held),
  giveUp: giveUp.signal,
};
void keepRedriving({ sql, metrics, log, drive }, stopping.signal);
void keepImporting({ sql, log, drive }, stopping.signal);

await runPipeline(reader.deliveries(), pipeline).catch((error: unknown) => {
  if (!giveUp.signal.aborted) throw error;
  log.warn("stopped while an engine was away: what was not loaded is delivered again");
});
await Promise.race([nats.drain(), sleep(1_000)]);
server.close();
await sql.end({ timeout: 1 });
log.info("stopped");
process.exit(0);

/** A message that is not from the stream: nothing is acknowledged. */
function drive(delivery: Delivery): Promise<void> {
  return runPipeline(
    (async function* () {
      yield delivery;
    })(),
    { ...pipeline, acknowledge: () => Promise.resolve() },
  );
}

async function streamState() {
  if (!reader) throw new Error("not connected");
  return reader.state();
}

/** Waits for an engine at start as at any time: only what waiting cannot mend ends the worker. */
async function patiently<T>(engine: string, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const answer = await ask();
      waits.set(engine, null);
      return answer;
    } catch (error) {
      if (error instanceof StreamFault) exit(error.message);
      waits.set(engine, (error instanceof Error && error.message) || String(error));
    }
    await sleep(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => process.exit(0));
  }
}

function orExit<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return exit(error instanceof Error ? error.message : String(error));
  }
}

function exit(why: string): never {
  console.error(`worker: ${why}`);
  process.exit(1);
}
