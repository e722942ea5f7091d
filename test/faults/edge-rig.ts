/**
 * The edge in bare workerd, as `npm start` runs it, between a small core that knows two keys and a real nats-server
 * behind a link that can be broken. Each process can be killed, frozen and started again where it was.
 */
import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestCore } from "#edge/test/core.ts";
import { Link } from "#edge/test/link.ts";
import type { EdgeProject } from "#protocol/edge-project.ts";
import { EDGE_BINDINGS, type EdgeBindings, workerdBinary, writeEdgeConfig } from "#stack/edge-config.ts";
import { type Engine, freePort, launch, responds, untilReady } from "#stack/engines/engine.ts";
import { type NatsOptions, startNats } from "#stack/engines/nats.ts";
import { findNatsServer } from "#stack/engines/nats-binary.ts";
import { freeze, thaw } from "../support/processes.ts";
import { countStream } from "./count.ts";
import type { Rig } from "./fault.ts";
import { readHealth, spoolEmpty } from "./health.ts";
import { assertOwnDisksPossible, fill, makeRoom, onOwnDisk } from "./own-disk.ts";
import { StoredStream } from "./stored-stream.ts";

export interface EdgeRigOptions {
  spoolBytesMax?: number;
  /** The edge's storage is a disk that can be made full. */
  ownDisk?: boolean;
  /** It waits for the core and for PubAcks as long as a machine may take that does much else. */
  patient?: boolean;
}

export interface EdgeRig extends Rig {
  stream: StoredStream;
  link: Link;
  core: TestCore;
  nats: Process & {
    freeze(): Promise<void>;
    thaw(): void;
    /** As it is from the next start on. */
    setEdgePassword(password: string | null): void;
  };
  edge: Process;
  /** Of `ownDisk`. */
  disk: { fill(): void; makeRoom(): void };
}

interface Process {
  /** kill -9; resolves when it has gone. */
  kill(): Promise<void>;
  /** Where it was before, with the same data; resolves when it answers. */
  start(): Promise<void>;
}

const SECRET = "edge-secret";
const PASSWORDS = { edgePassword: "edge-password", workerPassword: "worker-password" };
const KEYS = { write: "write_key_of_project_1", read: "read_key_of_project_1" };
const PROJECT: EdgeProject = {
  v: 1,
  project_id: 1,
  key_kind: "write",
  allowed_origins: [],
  jurisdiction: "any",
  retention_days: 90,
  // Far away: a limit that refuses is no fault.
  requests_per_second: 1_000_000,
  bytes_per_second: 1e12,
  sample_rate: 1,
  recorder: {},
  quota_used_up: null,
};
/** The defaults of `npm start`. */
const PROMPT = { CORE_TIMEOUT_MS: "1000", PUBLISH_BUDGET_MS: "1000" };
const PATIENT = { CORE_TIMEOUT_MS: "10000", PUBLISH_BUDGET_MS: "5000" };
const SPOOL_BYTES_MAX = 6_000_000_000;

export async function openEdgeRig(options: EdgeRigOptions = {}): Promise<EdgeRig> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-faults-"));
  const undo: (() => Promise<void> | void)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    return await open(folder, options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(
  folder: string,
  { spoolBytesMax = SPOOL_BYTES_MAX, ownDisk = false, patient = false }: EdgeRigOptions,
  undo: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<EdgeRig> {
  const storageDir = join(folder, "edge");
  mkdirSync(storageDir);
  if (ownDisk) assertOwnDisksPossible(storageDir);

  const natsOptions: NatsOptions = {
    binary: (await findNatsServer()).path,
    storeDir: join(folder, "nats"),
    port: await freePort(),
    wsPort: await freePort(),
    httpPort: await freePort(),
    ...PASSWORDS,
    logFile: join(folder, "nats.log"),
  };
  const nats = await restartable(() => startNats(natsOptions), undo);
  const stream = new StoredStream(`nats://127.0.0.1:${natsOptions.port}`, PASSWORDS.workerPassword);
  await stream.make();
  const link = new Link(new URL(`ws://127.0.0.1:${natsOptions.wsPort}`));
  undo.push(() => link.close());
  const core = new TestCore(SECRET);
  undo.push(() => core.close());
  core.setKey(KEYS.write, PROJECT);
  core.setKey(KEYS.read, { ...PROJECT, key_kind: "read" });

  const port = await freePort();
  const edgeUrl = `http://127.0.0.1:${port}`;
  const bindings: EdgeBindings = {
    CORE_URL: await core.listen(),
    EDGE_SECRET: SECRET,
    NATS_WS_URL: await link.listen(),
    NATS_USER: "edge",
    NATS_PASSWORD: PASSWORDS.edgePassword,
    RELAY_SHARDS: "1",
    ...(patient ? PATIENT : PROMPT),
    SPOOL_BYTES_MAX: String(spoolBytesMax),
    INGEST_PATH: "/i",
    EVENTS_PATH: "/e",
    SCRIPT_PATH: "/rrhog.js",
  };
  const config = { file: join(folder, "edge.capnp"), port, storageDir };
  const edge = await restartable(() => startEdge(config, bindings, ownDisk, join(folder, "edge.log")), undo);

  return {
    traffic: { edgeUrl, keys: KEYS, connections: 16, pauseMs: 15 },
    health: () => readHealth(edgeUrl),
    edgePid: () => edge.pid(),
    caughtUp: (timeoutMs) => spoolEmpty(edgeUrl, timeoutMs),
    async count(sent) {
      await stream.read();
      return countStream(sent, stream.found);
    },
    stop,
    stream,
    link,
    core,
    edge,
    nats: {
      ...nats,
      freeze: () => freeze([nats.pid() ?? 0]),
      thaw: () => thaw([nats.pid() ?? 0]),
      setEdgePassword(password) {
        natsOptions.edgePassword = password ?? PASSWORDS.edgePassword;
      },
    },
    disk: {
      fill: () => fill(edge.pid() ?? 0, storageDir),
      makeRoom: () => makeRoom(edge.pid() ?? 0, storageDir),
    },
  };
}

/** The process `npm start` would start (stack/parts.ts), on a disk of its own if asked for. */
async function startEdge(
  config: { file: string; port: number; storageDir: string },
  bindings: EdgeBindings,
  ownDisk: boolean,
  logFile: string,
): Promise<Engine> {
  await writeEdgeConfig(config);
  const args = ["serve", "--experimental", config.file];
  const [command, commandArgs] = ownDisk
    ? onOwnDisk(config.storageDir, workerdBinary(), args)
    : [workerdBinary(), args];
  const env = Object.fromEntries(EDGE_BINDINGS.map((name) => [name, bindings[name]]));
  const started = await launch({ name: "edge", command, args: commandArgs, env, logFile });
  const url = `http://127.0.0.1:${config.port}`;
  await untilReady(started, () => responds(`${url}/healthz`));
  return { ...started, url };
}

async function restartable(
  start: () => Promise<Engine>,
  undo: (() => Promise<void> | void)[],
): Promise<Process & { pid(): number | null }> {
  let engine: Engine | null = await start();
  undo.push(async () => {
    // What is frozen cannot end by itself.
    if (engine) thaw([engine.pid]);
    await engine?.stop();
  });
  return {
    pid: () => engine?.pid ?? null,
    async kill() {
      if (!engine) return;
      const { pid, exited } = engine;
      engine = null;
      process.kill(pid, "SIGKILL");
      await exited;
    },
    async start() {
      engine ??= await start();
    },
  };
}
