/** nats-server with JetStream and its WebSocket listener, on the configuration that every deployment uses. */
import { statfs } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { StartError } from "../start-error.ts";
import { type Engine, freePort, launch, type Supervision, untilReady } from "./engine.ts";

const CONFIG = fileURLToPath(new URL("../../infra/nats/nats-server.conf", import.meta.url));

export interface NatsOptions {
  /** Path of the nats-server binary, from `findNatsServer`. */
  binary: string;
  storeDir: string;
  /** 0 picks a free one; likewise the two below. */
  port: number;
  wsPort: number;
  httpPort: number;
  edgePassword: string;
  workerPassword: string;
  logFile: string;
  supervision?: Supervision;
}

export interface NatsEngine extends Engine {
  /** Where the edge connects. */
  wsUrl: string;
  /** Monitoring: `/healthz`, `/jsz`, … */
  httpUrl: string;
}

/**
 * @returns with `url` without credentials
 * @throws StartError in one line
 */
export async function startNats(options: NatsOptions): Promise<NatsEngine> {
  const port = options.port || (await freePort());
  const wsPort = options.wsPort || (await freePort());
  const httpPort = options.httpPort || (await freePort());
  const started = await launch({
    name: "nats",
    command: options.binary,
    args: ["-c", CONFIG],
    env: {
      NATS_HOST: "127.0.0.1",
      NATS_PORT: String(port),
      NATS_WS_PORT: String(wsPort),
      NATS_HTTP_ADDRESS: `127.0.0.1:${httpPort}`,
      NATS_STORE_DIR: options.storeDir,
      // Quoted, for the server reads the variable as a value of its configuration: 12e4 would be a number.
      NATS_EDGE_PASSWORD: JSON.stringify(options.edgePassword),
      NATS_WORKER_PASSWORD: JSON.stringify(options.workerPassword),
    },
    logFile: options.logFile,
    supervision: options.supervision,
  });
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  const probe = () => healthy(`${httpUrl}/healthz`, options.storeDir);
  await untilReady(started, probe, { signal: options.supervision?.signal }).catch((error: unknown) => {
    throw explain(error, started.printed(), options.storeDir);
  });
  return { ...started, url: `nats://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${wsPort}`, httpUrl };
}

const Health = z.object({ error: z.string().optional() });

/** A stream that cannot be read would be missing and nothing else: then the server is up and its messages are not. */
async function healthy(url: string, storeDir: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  const { error = "" } = Health.parse(await response.json());
  const lost = /stream '.* > (\w+)' could not be recovered/.exec(error)?.[1];
  if (lost === undefined) return response.ok;
  throw new StartError(
    `nats: stream ${lost} cannot be read (store ${storeDir}). Restore a backup, or move the folder away.`,
  );
}

/** Below this a new start would soon fail again, or at once. */
const ROOM_BYTES = 64 * 1024 * 1024;

/**
 * A server that could not write (a full disk) takes no message any more, though there may be room again, and its stream
 * is as it was: a new start mends it.
 * @returns why it needs one; null while it needs none, does not answer, or its disk is still full
 */
export async function natsNeedsRestart({ httpUrl, storeDir }: { httpUrl: string; storeDir: string }) {
  const response = await fetch(`${httpUrl}/healthz`, { signal: AbortSignal.timeout(2_000) });
  const { error = "" } = Health.parse(await response.json());
  // 2.14 and later freeze the stream, earlier ones turn JetStream off.
  if (!/write error|JetStream.* not (?:been )?enabled/i.test(error)) return null;
  const { bavail, bsize } = await statfs(storeDir);
  return bavail * bsize < ROOM_BYTES ? null : error;
}

/** nats-server says why it gives up in a line of its own kind. */
function explain(error: unknown, printed: string, storeDir: string): unknown {
  const reason = /\[FTL\] (.+)/.exec(printed)?.[1];
  if (!(error instanceof StartError) || reason === undefined) return error;
  const mend = /JetStream/.test(reason) ? " Restore a backup, or move the folder away." : "";
  return new StartError(`nats: ${reason} (store ${storeDir}).${mend}`);
}
