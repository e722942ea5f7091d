/** What the edge's figures are measured on: bare workerd as in `npm start`, a real nats-server, a core that knows one key. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { type NatsConnection, wsconnect } from "@nats-io/nats-core";
import { build } from "vite";
import { EDGE_BINDINGS, workerdBinary, writeEdgeConfig } from "#stack/edge-config.ts";
import { type Engine, freePort, launch, responds, untilReady } from "#stack/engines/engine.ts";
import { type NatsEngine, startNats } from "#stack/engines/nats.ts";
import { findNatsServer } from "#stack/engines/nats-binary.ts";

export const KEY = "bench_write_key";
const SECRET = "bench-edge-secret-of-32-characters";
const EDGE_PASSWORD = "bench-edge-password";
/** Signs in to NATS as the edge does. */
export const EDGE_USER = { user: "edge", pass: EDGE_PASSWORD, inboxPrefix: "_INBOX_edge" };
const WORKER_PASSWORD = "bench-worker-password";

export interface Rig {
  folder: string;
  readonly nats: NatsEngine;
  /** nats-server by the worker's user: reads the stream. */
  worker: NatsConnection;
  /** The edge with a spool of its own. @param bindings other than the usual ones */
  startEdge(bindings?: Record<string, string>): Promise<Measured>;
  startEmpty(): Promise<Measured>;
  /** On the same ports, with what was stored. */
  restartNats(): Promise<void>;
  close(): Promise<void>;
}

/** An HTTP server under measurement. */
export interface Measured {
  engine: Engine;
  port: number;
}

export async function openRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-bench-"));
  const natsOptions = {
    binary: (await findNatsServer()).path,
    storeDir: join(folder, "nats"),
    port: await freePort(),
    wsPort: await freePort(),
    httpPort: await freePort(),
    edgePassword: EDGE_PASSWORD,
    workerPassword: WORKER_PASSWORD,
    logFile: join(folder, "nats.log"),
  };
  let nats = await startNats(natsOptions);
  // By WebSocket as all clients of this process: they share one kind of transport, and would reconnect by the last one's.
  const worker = await wsconnect({
    servers: nats.wsUrl,
    user: "worker",
    pass: WORKER_PASSWORD,
    inboxPrefix: "_INBOX_worker",
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  const config = JSON.parse(await readFile(new URL("../../infra/nats/stream.json", import.meta.url), "utf8"));
  await (await jetstreamManager(worker)).streams.add(config);
  const core = await startCore();
  const started: Engine[] = [];

  async function serve(name: string, file: string, port: number, env: Record<string, string>): Promise<Measured> {
    const logFile = join(folder, `${name}.log`);
    const args = ["serve", "--experimental", file];
    const process = await launch({ name, command: workerdBinary(), args, env, logFile });
    const url = `http://127.0.0.1:${port}`;
    await untilReady(process, () => responds(`${url}/healthz`));
    const engine = { ...process, url };
    started.push(engine);
    return { engine, port };
  }

  return {
    folder,
    get nats() {
      return nats;
    },
    worker,
    async restartNats() {
      nats = await startNats(natsOptions);
    },
    async startEdge(bindings = {}) {
      const port = await freePort();
      const file = join(folder, `edge-${port}.capnp`);
      const storageDir = await mkdtemp(join(folder, "spool-"));
      await writeEdgeConfig({ file, port, storageDir });
      const values: Record<string, string> = {
        CORE_URL: core.url,
        EDGE_SECRET: SECRET,
        NATS_WS_URL: nats.wsUrl,
        NATS_USER: "edge",
        NATS_PASSWORD: EDGE_PASSWORD,
        RELAY_SHARDS: "1",
        CORE_TIMEOUT_MS: "1000",
        PUBLISH_BUDGET_MS: "1000",
        SPOOL_BYTES_MAX: "6000000000",
        INGEST_PATH: "/i",
        EVENTS_PATH: "/e",
        SCRIPT_PATH: "/rrhog.js",
        ...bindings,
      };
      return serve("edge", file, port, Object.fromEntries(EDGE_BINDINGS.map((name) => [name, values[name] ?? ""])));
    },
    async startEmpty() {
      const port = await freePort();
      const file = join(folder, "empty.capnp");
      await buildEmpty(folder);
      await writeFile(file, emptyConfig(port));
      return serve("empty", file, port, {});
    },
    async close() {
      await worker.close();
      await Promise.all(started.map((engine) => engine.stop()));
      await nats.stop();
      core.server.close();
      core.server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function buildEmpty(folder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      outDir: join(folder, "empty"),
      minify: true,
      lib: { entry: new URL("empty-worker.ts", import.meta.url).pathname, formats: ["es"], fileName: () => "index.js" },
    },
  });
}

function emptyConfig(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "empty", worker = .empty)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "empty")],
);
const empty :Workerd.Worker = (
  compatibilityDate = "2026-11-02",
  modules = [(name = "index.js", esModule = embed "empty/index.js")],
);
`;
}

/** Answers for one key, with a project that may do anything. */
async function startCore(): Promise<{ server: Server; url: string }> {
  const project = {
    v: 1,
    project_id: 1,
    key_kind: "write",
    allowed_origins: [],
    jurisdiction: "any",
    retention_days: 90,
    requests_per_second: 1e9,
    bytes_per_second: 1e12,
  };
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(project));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
