/** nats-server with JetStream and its WebSocket listener, on the configuration that every deployment uses. */
import { fileURLToPath } from "node:url";
import { answers, type Engine, freePort, launch, type Supervision, untilReady } from "./engine.ts";

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
  await untilReady(started, () => answers(`${httpUrl}/healthz`), { signal: options.supervision?.signal });
  return { ...started, url: `nats://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${wsPort}`, httpUrl };
}
