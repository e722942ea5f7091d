import * as z from "zod";
import { EDGE_PATHS, pathsAreApart } from "#protocol/edge-paths.ts";
import type { RegistryMethods } from "./registry/interface.ts";
import type { RelayMethods } from "./relay/interface.ts";

/** What wrangler.toml, the secrets or the stack's workerd configuration bind. Texts, since bare workerd knows no other. */
const Bindings = z
  .object({
    /** Where the core's API answers `GET /edge/projects/{hash}`. */
    CORE_URL: z.url().transform((url) => url.replace(/\/+$/, "")),
    /** Secret: shared with the core, which answers nobody else. */
    EDGE_SECRET: z.string().min(1),
    /** A core that takes longer to answer counts as away, ms: recording waits for this. */
    CORE_TIMEOUT_MS: z.coerce.number().int().min(50).max(30_000).default(1_000),
    /** NATS over WebSocket: ws:// or wss://. */
    NATS_WS_URL: z.url({ protocol: /^wss?$/ }).refine((url) => !url.includes("#"), "has no fragment"),
    NATS_USER: z.string().min(1),
    /** Secret. */
    NATS_PASSWORD: z.string().min(1),
    /** Relays a continent. */
    RELAY_SHARDS: z.coerce.number().int().min(1).max(64).default(1),
    /** How long a batch waits for its PubAck before it is spooled, ms. */
    PUBLISH_BUDGET_MS: z.coerce.number().int().min(50).max(30_000).default(1_000),
    /**
     * What a relay's spool may hold, bytes; then batches are refused. An object's storage ends at 10 GB, and a row of 4 to 12
     * KB fills pages of 4 KB to two thirds in the worst case. 200 batches of 10 KB a second (1,000 visitors, one in 5 s) are
     * 2 MB a second: the default holds 50 minutes of them, and days of what a small site sends.
     */
    SPOOL_BYTES_MAX: z.coerce.number().int().min(1).max(9_000_000_000).default(6_000_000_000),
    ...EDGE_PATHS,
    RELAY: z.custom<DurableObjectNamespace<RelayMethods>>(isNamespace, "a Durable Object namespace"),
    REGISTRY: z.custom<DurableObjectNamespace<RegistryMethods>>(isNamespace, "a Durable Object namespace"),
    /** The recorder's built files, read by path. Without it the edge serves no recorder. */
    ASSETS: z
      .custom<Fetcher>(
        (value) => typeof value === "object" && value !== null && "fetch" in value,
        "a service to fetch from",
      )
      .optional(),
    /** Analytics Engine, for figures that outlive an isolate. Bare workerd has none; `/metrics` is what it has. */
    FIGURES: z
      .custom<AnalyticsEngineDataset>(
        (value) => typeof value === "object" && value !== null && "writeDataPoint" in value,
        "an Analytics Engine dataset",
      )
      .optional(),
    /** The platform's rate limit for one address. Bare workerd has none; the edge does without. */
    ADDRESS_LIMIT: z
      .custom<RateLimit>((value) => typeof value === "object" && value !== null && "limit" in value, "a rate limit")
      .optional(),
  })
  .superRefine(pathsAreApart);

function isNamespace(value: unknown): boolean {
  return typeof value === "object" && value !== null && "idFromName" in value;
}

/** As the runtime hands them over, unchecked. */
export type Bindings = z.input<typeof Bindings>;
export type Settings = z.output<typeof Bindings>;

/** @throws Error that names each binding that is wrong, and never a value. */
export function readSettings(bindings: unknown): Settings {
  const read = Bindings.safeParse(bindings);
  if (read.success) return read.data;
  const wrong = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`edge: bindings are missing or wrong (edge/README.md lists them): ${wrong.join("; ")}`);
}
