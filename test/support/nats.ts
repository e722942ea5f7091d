/** A nats-server of its own for one test file: it may be stopped and started again on the same ports and store. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { freePort } from "#stack/engines/engine.ts";
import { type NatsEngine, startNats } from "#stack/engines/nats.ts";

export interface TestNats {
  /** `nats://127.0.0.1:port`, without credentials. */
  url: string;
  wsUrl: string;
  httpUrl: string;
  edgePassword: string;
  workerPassword: string;
  /** Where streams lie on disk. */
  storeDir: string;
  /** With the credentials of the user in the address, as the worker's NATS_URL has them. */
  urlOf(user: "edge" | "worker"): string;
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`, same ports and store. */
  start(): Promise<void>;
  /** Stops it and removes its store. */
  drop(): Promise<void>;
}

export async function startTestNats(): Promise<TestNats> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-nats-"));
  const options = {
    binary: inject("natsServerBin"),
    storeDir: join(folder, "store"),
    port: await freePort(),
    wsPort: await freePort(),
    httpPort: await freePort(),
    edgePassword: randomBytes(12).toString("hex"),
    workerPassword: randomBytes(12).toString("hex"),
    logFile: join(folder, "nats.log"),
  };
  let engine: NatsEngine = await startNats(options);
  return {
    url: engine.url,
    wsUrl: engine.wsUrl,
    httpUrl: engine.httpUrl,
    edgePassword: options.edgePassword,
    workerPassword: options.workerPassword,
    storeDir: options.storeDir,
    urlOf: (user) => `nats://${user}:${options[`${user}Password`]}@127.0.0.1:${options.port}`,
    stop: () => engine.stop(),
    async kill() {
      process.kill(engine.pid, "SIGKILL");
      await engine.exited;
    },
    async start() {
      engine = await startNats(options);
    },
    async drop() {
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
