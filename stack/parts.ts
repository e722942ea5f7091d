/** The parts of the stack: what runs, with what it is told, and where it says that it is there. */
import { join } from "node:path";
import type { Addresses } from "./addresses.ts";
import type { DataFolder } from "./data-folder.ts";
import { EDGE_BINDINGS, type EdgeBindings, workerdBinary, writeEdgeConfig } from "./edge-config.ts";
import { startClickHouse } from "./engines/clickhouse.ts";
import { type Engine, launch, responds, type Supervision, untilReady } from "./engines/engine.ts";
import { natsNeedsRestart, startNats } from "./engines/nats.ts";
import { startPostgres } from "./engines/postgres.ts";
import type { Secrets } from "./secrets.ts";
import { ROOT, type Settings } from "./settings.ts";
import type { Part } from "./supervisor.ts";

/** The write key of the demo project; exists in the embedded stack only (core/api/seed-demo.ts). */
export const DEMO_WRITE_KEY = "dev_write_123";

const ENGINES = 0;
const CORE = 1;
const FRONT = 2;

export interface Surroundings {
  settings: Settings;
  secrets: Secrets;
  addresses: Addresses;
  data: DataFolder;
}

export interface Parts {
  postgres: Part;
  clickhouse: Part;
  /** @param binary from `findNatsServer` */
  nats(binary: string): Part;
  worker: Part;
  api: Part;
  edge: Part;
  ui: Part;
  demo: Part;
}

export function partsOf({ settings, secrets, addresses, data }: Surroundings): Parts {
  const { LOG_LEVEL } = settings;
  const nodePart = (name: string, tier: number, script: string, url: string, env: Record<string, string>): Part => ({
    name,
    tier,
    start: (supervision) =>
      startService({
        name,
        command: process.execPath,
        args: [join(ROOT, script)],
        env: { NODE_ENV: "production", LOG_LEVEL, ...env },
        url,
        logFile: data.logFile(name),
        supervision,
      }),
  });
  const engineFiles = (name: "postgres" | "clickhouse") => ({ dataDir: data[name], logFile: data.logFile(name) });
  return {
    postgres: {
      name: "postgres",
      tier: ENGINES,
      start: (supervision) => startPostgres({ ...engineFiles("postgres"), port: settings.POSTGRES_PORT, supervision }),
    },
    clickhouse: {
      name: "clickhouse",
      tier: ENGINES,
      start: (supervision) =>
        startClickHouse({ ...engineFiles("clickhouse"), port: settings.CLICKHOUSE_PORT, supervision }),
    },
    nats: (binary) => ({
      name: "nats",
      tier: ENGINES,
      start: (supervision) =>
        startNats({
          binary,
          storeDir: data.nats,
          port: settings.NATS_PORT,
          wsPort: settings.NATS_WS_PORT,
          httpPort: settings.NATS_HTTP_PORT,
          edgePassword: secrets.natsEdgePassword,
          workerPassword: secrets.natsWorkerPassword,
          logFile: data.logFile("nats"),
          supervision,
        }),
      needsRestart: () => natsNeedsRestart({ httpUrl: addresses.natsHttpUrl, storeDir: data.nats }),
    }),
    worker: nodePart("worker", CORE, "core/worker/main.ts", addresses.workerUrl, {
      CLICKHOUSE_URL: addresses.clickhouseUrl,
      POSTGRES_URL: addresses.postgresUrl,
      NATS_URL: addresses.natsUrl,
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: String(settings.WORKER_PORT),
      ASSETS_LOOPBACK: settings.ASSETS_LOOPBACK,
    }),
    api: nodePart("api", CORE, "core/api/main.ts", addresses.apiUrl, {
      CLICKHOUSE_URL: addresses.clickhouseUrl,
      POSTGRES_URL: addresses.postgresUrl,
      API_HOST: "127.0.0.1",
      API_PORT: String(settings.API_PORT),
      EDGE_SECRET: secrets.edgeSecret,
      AUTH_SECRET: secrets.authSecret,
      UI_URL: addresses.uiUrl,
      RRHOG_EMBEDDED: "1",
    }),
    edge: {
      name: "edge",
      tier: FRONT,
      start: (supervision) =>
        startEdge(
          {
            CORE_URL: addresses.apiUrl,
            EDGE_SECRET: secrets.edgeSecret,
            NATS_WS_URL: addresses.natsWsUrl,
            NATS_USER: settings.NATS_USER,
            NATS_PASSWORD: settings.NATS_PASSWORD ?? secrets.natsEdgePassword,
            RELAY_SHARDS: String(settings.RELAY_SHARDS),
            CORE_TIMEOUT_MS: String(settings.CORE_TIMEOUT_MS),
            PUBLISH_BUDGET_MS: String(settings.PUBLISH_BUDGET_MS),
            SPOOL_BYTES_MAX: String(settings.SPOOL_BYTES_MAX),
            INGEST_PATH: settings.INGEST_PATH,
            EVENTS_PATH: settings.EVENTS_PATH,
            SCRIPT_PATH: settings.SCRIPT_PATH,
          },
          settings.EDGE_PORT,
          data,
          supervision,
        ),
    },
    ui: nodePart("ui", FRONT, "ui/server.ts", addresses.uiUrl, {
      UI_HOST: "127.0.0.1",
      UI_PORT: String(settings.UI_PORT),
      API_URL: addresses.apiUrl,
      EDGE_URL: addresses.edgeUrl,
      WORKER_URL: addresses.workerUrl,
      DEMO_URL: addresses.demoUrl,
      RRHOG_EMBEDDED: "1",
    }),
    demo: nodePart("demo", FRONT, "demo/server.ts", addresses.demoUrl, {
      DEMO_HOST: "127.0.0.1",
      DEMO_PORT: String(settings.DEMO_PORT),
      EDGE_URL: addresses.edgeUrl,
      UI_URL: addresses.uiUrl,
      WRITE_KEY: DEMO_WRITE_KEY,
    }),
  };
}

async function startEdge(
  bindings: EdgeBindings,
  port: number,
  data: DataFolder,
  supervision: Supervision,
): Promise<Engine> {
  const file = join(data.run, "edge.capnp");
  await writeEdgeConfig({ file, port, storageDir: data.edge });
  return startService({
    name: "edge",
    command: workerdBinary(),
    args: ["serve", "--experimental", file],
    env: Object.fromEntries(EDGE_BINDINGS.map((name) => [name, bindings[name]])),
    url: `http://127.0.0.1:${port}`,
    logFile: data.logFile("edge"),
    supervision,
  });
}

interface Service {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Of its root; it serves `/healthz` there. */
  url: string;
  logFile: string;
  supervision: Supervision;
}

/** Up is not well: what answers 503 because an engine is away must live on, or its restarts would make it worse. */
async function startService({ url, ...launchOptions }: Service): Promise<Engine> {
  const started = await launch(launchOptions);
  await untilReady(started, () => responds(`${url}/healthz`), { signal: launchOptions.supervision.signal });
  return { ...started, url };
}
