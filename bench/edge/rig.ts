/** What the edge's figures are measured on: bare workerd as in `npm start`, a real nats-server, a core that knows one key. */
import { createServer, type Server } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { build } from "vite";
import { EDGE_BINDINGS, workerdBinary, writeEdgeConfig } from "#stack/edge-config.ts";
import { type Engine, freePort, launch, responds, untilReady } from "#stack/engines/engine.ts";
import { type NatsEngine, startNats } from "#stack/engines/nats.ts";
import { findNatsServer } from "#stack/engines/nats-binary.ts";

export const KEY = "bench_write_key";
const SECRET = "bench-edge-secret-of-32-characters";
const EDGE_PASSWORD = "bench-edge-password";
const WORKER_PASSWORD = "bench-worker-password";

export interface Rig {
  folder: string;
  nats: NatsEngine;
  /** nats-server by the worker's user: reads the stream. */
  worker: NatsConnection;
  startEdge(bindings?: Record<string, string>): Promise<Server1>;
  startEmpty(): Promise<Server1>;
  close(): Promise<void>;
}

/** An HTTP server under measurement. */
export interface Server1 {
  engine: Engine;
  port: number;
}

export async function openRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-bench-"));
  const nats = await startNats({
    binary: (await findNatsServer()).path,
    storeDir: join(folder, "nats"),
    port: 0,
    wsPort: 0,
    httpPort: 0,
    edgePassword: EDGE_PASSWORD,
    workerPassword: WORKER_PASSWORD,
    logFile: join(folder, "nats.log"),
  });
  const worker = await connect({
    servers: nats.url,
    user: "worker",
    pass: WORKER_PASSWORD,
    inboxPrefix: "_INBOX_worker",
  });
  const config = JSON.parse(await readFile(new URL("../../infra/nats/stream.json", import.meta.url), "utf8"));
  await (await jetstreamManager(worker)).streams.add(config);
  const core = await startCore();
  const started: Engine[] = [];

  async function serve(name: string, file: string, port: number, env: Record<string, string>): Promise<Server1> {
    const logFile = join(folder, `${name}.log`);
    const process = await launch({ name, command: workerdBinary(), args: ["serve", "--experimental", file], env, logFile });
    const url = `http://127.0.0.1:${port}`;
    await untilReady(process, () => responds(`${url}/healthz`));
    const engine = { ...process, url };
    started.push(engine);
    return { engine, port };
  }

  return {
    folder,
    nats,
    worker,
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
        PUBLISH_BUDGET_MS: "1000",
        ...bindings,
      };
      (this as any).lastEnv = Object.fromEntries(EDGE_BINDINGS.map((name) => [name, values[name] ?? ""]));
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
