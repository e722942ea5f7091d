/** What `npm start` takes from its environment, read once, in one place. */
import { resolve } from "node:path";
import { z } from "zod";
import { EDGE_PATHS, pathsAreApart } from "#protocol/edge-paths.ts";
import { StartError } from "./start-error.ts";

/** The clone. */
export const ROOT = resolve(import.meta.dirname, "..");

/** Every port of the stack: whose it is, the variable that moves it, and where it is else. */
const PORTS = {
  EDGE_PORT: { part: "edge", fallback: 8787 },
  API_PORT: { part: "api", fallback: 8788 },
  UI_PORT: { part: "ui", fallback: 3000 },
  DEMO_PORT: { part: "demo", fallback: 8790 },
  NATS_PORT: { part: "nats", fallback: 4222 },
  NATS_WS_PORT: { part: "nats", fallback: 9222 },
  NATS_HTTP_PORT: { part: "nats", fallback: 8222 },
  CLICKHOUSE_PORT: { part: "clickhouse", fallback: 8123 },
  POSTGRES_PORT: { part: "postgres", fallback: 5442 },
  WORKER_PORT: { part: "worker", fallback: 9464 },
} as const;
export type PortVariable = keyof typeof PORTS;

const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a port, 1 to 65535")
    .transform(Number)
    .refine((value) => value >= 1 && value <= 65_535, "must be a port, 1 to 65535")
    .default(fallback);
const engineUrl = (protocol: RegExp) => z.url({ protocol }).optional();

const Environment = z
  .object({
    /** Where all state lives; taken from the root of the clone if it is relative. */
    RRHOG_DATA: z.string().min(1).default(".rrhog"),
    EDGE_PORT: port(PORTS.EDGE_PORT.fallback),
    API_PORT: port(PORTS.API_PORT.fallback),
    UI_PORT: port(PORTS.UI_PORT.fallback),
    DEMO_PORT: port(PORTS.DEMO_PORT.fallback),
    NATS_PORT: port(PORTS.NATS_PORT.fallback),
    NATS_WS_PORT: port(PORTS.NATS_WS_PORT.fallback),
    NATS_HTTP_PORT: port(PORTS.NATS_HTTP_PORT.fallback),
    CLICKHOUSE_PORT: port(PORTS.CLICKHOUSE_PORT.fallback),
    POSTGRES_PORT: port(PORTS.POSTGRES_PORT.fallback),
    WORKER_PORT: port(PORTS.WORKER_PORT.fallback),
    /** `http://user:password@host:port/database`: a real server instead of the embedded engine. */
    CLICKHOUSE_URL: engineUrl(/^https?$/),
    /** `postgres://user:password@host:port/database`: likewise. */
    POSTGRES_URL: engineUrl(/^postgres(ql)?$/),
    /** `nats://worker:password@host:port`: likewise, for the worker. The edge takes the next three. */
    NATS_URL: engineUrl(/^(nats|tls)$/),
    /** `1`: the worker may fetch assets of recorded pages from loopback addresses (docs/assets.md). */
    ASSETS_LOOPBACK: z.enum(["0", "1"]).default("0"),
    /** `ws://host:port`; the same host at 9222 where only NATS_URL is set. */
    NATS_WS_URL: engineUrl(/^wss?$/),
    NATS_USER: z.string().min(1).default("edge"),
    NATS_PASSWORD: z.string().min(1).optional(),
    RELAY_SHARDS: z.coerce.number().int().min(1).max(64).default(1),
    /** How long the edge waits for a PubAck, ms. */
    CORE_TIMEOUT_MS: z.coerce.number().int().min(50).max(30_000).default(1_000),
    PUBLISH_BUDGET_MS: z.coerce.number().int().min(50).max(30_000).default(1_000),
    /** What a relay's spool may hold, bytes; then batches are refused with 503. */
    SPOOL_BYTES_MAX: z.coerce.number().int().min(1).max(9_000_000_000).default(6_000_000_000),
    ...EDGE_PATHS,
    LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  })
  .superRefine(pathsAreApart);

export type Settings = z.infer<typeof Environment> & { dataDir: string };

/** @throws StartError that names the first variable that is wrong */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  return { ...parsed.data, dataDir: resolve(ROOT, parsed.data.RRHOG_DATA) };
}

export interface WantedPort {
  part: string;
  variable: PortVariable;
  port: number;
}

/** The ports that this start will listen on: none of an engine that runs elsewhere. */
export function wantedPorts(settings: Settings): WantedPort[] {
  const elsewhere = new Set<string>();
  if (settings.CLICKHOUSE_URL !== undefined) elsewhere.add("clickhouse");
  if (settings.POSTGRES_URL !== undefined) elsewhere.add("postgres");
  if (settings.NATS_URL !== undefined) elsewhere.add("nats");
  return (Object.keys(PORTS) as PortVariable[])
    .map((variable) => ({ part: PORTS[variable].part, variable, port: settings[variable] }))
    .filter(({ part }) => !elsewhere.has(part));
}
