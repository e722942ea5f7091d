/** Where the running stack is: its own word ($RRHOG_DATA/run/stack.json), else the default addresses. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";

/** Parts as the pid files and the logs name them, in the order in which each needs the ones before. */
export const PARTS = ["postgres", "clickhouse", "nats", "worker", "api", "edge", "ui", "demo"] as const;
export type Part = (typeof PARTS)[number];

const ROOT = resolve(import.meta.dirname, "..");

/** State of the embedded stack: `RRHOG_DATA`, taken from the root of the clone if it is relative. */
export function dataDir(): string {
  return resolve(ROOT, process.env.RRHOG_DATA ?? ".rrhog");
}

const port = (name: string, fallback: number) =>
  z.coerce
    .number()
    .int()
    .positive()
    .parse(process.env[name] ?? fallback);

const Addresses = z.object({
  edgeUrl: z.url(),
  apiUrl: z.url(),
  uiUrl: z.url(),
  demoUrl: z.url(),
  workerUrl: z.url(),
  natsHttpUrl: z.url(),
  /** With the worker's password where the stack said it. */
  natsUrl: z.url(),
  clickhouseUrl: z.url(),
  postgresUrl: z.url(),
});
export type Addresses = z.infer<typeof Addresses>;

/** Also where no stack runs: then the addresses at which it would be. */
export async function readAddresses(folder = dataDir()): Promise<Addresses> {
  const text = await readFile(join(folder, "run", "stack.json"), "utf8").catch(() => null);
  if (text !== null) return Addresses.parse(JSON.parse(text));
  const local = (name: string, fallback: number) => `http://127.0.0.1:${port(name, fallback)}`;
  return {
    edgeUrl: local("EDGE_PORT", 8787),
    apiUrl: local("API_PORT", 8788),
    uiUrl: local("UI_PORT", 3000),
    demoUrl: local("DEMO_PORT", 8790),
    workerUrl: local("WORKER_PORT", 9464),
    natsUrl: `nats://127.0.0.1:${port("NATS_PORT", 4222)}`,
    natsHttpUrl: local("NATS_HTTP_PORT", 8222),
    clickhouseUrl: process.env.CLICKHOUSE_URL ?? local("CLICKHOUSE_PORT", 8123),
    postgresUrl: process.env.POSTGRES_URL ?? `postgres://postgres@127.0.0.1:${port("POSTGRES_PORT", 5442)}/rrhog`,
  };
}

/** The process that a part's pid file names; null where there is no file or no such process. */
export async function partPid(part: Part): Promise<number | null> {
  const text = await readFile(join(dataDir(), "run", `${part}.pid`), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0)) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
