/** Where each part is, and what the command line tools are told of it in `run/stack.json`. */
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

export interface Addresses {
  edgeUrl: string;
  apiUrl: string;
  uiUrl: string;
  demoUrl: string;
  workerUrl: string;
  clickhouseUrl: string;
  postgresUrl: string;
  /** With the worker's credentials. */
  natsUrl: string;
  /** For the edge. */
  natsWsUrl: string;
  /** Monitoring. */
  natsHttpUrl: string;
}

export function addressesOf(settings: Settings, secrets: Secrets): Addresses {
  const http = (port: number) => `http://127.0.0.1:${port}`;
  const nats = new URL(
    settings.NATS_URL ?? `nats://worker:${secrets.natsWorkerPassword}@127.0.0.1:${settings.NATS_PORT}`,
  );
  const natsElsewhere = settings.NATS_URL !== undefined;
  return {
    edgeUrl: http(settings.EDGE_PORT),
    apiUrl: http(settings.API_PORT),
    uiUrl: http(settings.UI_PORT),
    demoUrl: http(settings.DEMO_PORT),
    workerUrl: http(settings.WORKER_PORT),
    clickhouseUrl: settings.CLICKHOUSE_URL ?? http(settings.CLICKHOUSE_PORT),
    postgresUrl: settings.POSTGRES_URL ?? `postgres://postgres@127.0.0.1:${settings.POSTGRES_PORT}/rrhog`,
    natsUrl: nats.href,
    natsWsUrl: settings.NATS_WS_URL ?? `ws://${nats.hostname}:${natsElsewhere ? 9222 : settings.NATS_WS_PORT}`,
    natsHttpUrl: `http://${nats.hostname}:${settings.NATS_HTTP_PORT}`,
  };
}

/** Beside its place first, so that nobody reads half of it. It holds credentials: mode 0600. */
export async function writeAddresses(runFolder: string, addresses: Addresses): Promise<void> {
  const file = join(runFolder, "stack.json");
  await writeFile(`${file}.new`, `${JSON.stringify(addresses, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function removeAddresses(runFolder: string): Promise<void> {
  await rm(join(runFolder, "stack.json"), { force: true });
}
