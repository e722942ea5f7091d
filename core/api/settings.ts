import { z } from "zod";

const Settings = z.object({
  /** `http://user:password@host:port/database` */
  CLICKHOUSE_URL: z.url(),
  /** Of `rrhog_sql`, as which people's own queries run on the same server: docs/sql.md. */
  CLICKHOUSE_SQL_PASSWORD: z.string().default(""),
  /** `postgres://user:password@host:port/database` */
  POSTGRES_URL: z.url(),
  API_HOST: z.string().default("127.0.0.1"),
  /** 0 takes a free one. */
  API_PORT: z.coerce.number().int().min(0).max(65_535).default(8788),
  /** What the edge shows to ask for a project by its key. */
  EDGE_SECRET: z.string().min(16),
  /** Signs the session cookies: whoever has it can be anybody. */
  AUTH_SECRET: z.string().min(32),
  /** Where people open the console. Its cookies are `Secure` where this is https. */
  UI_URL: z.url().default("http://127.0.0.1:3000"),
  /** `1` in the embedded stack only: the development keys and the demo owner are allowed, and one click signs in. */
  RRHOG_EMBEDDED: z.enum(["0", "1"]).default("0"),
  /** As the worker's: receipts of deletions state it. */
  STREAM_KEPT_H: z.coerce.number().positive().max(8_760).default(24),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});
export type Settings = z.infer<typeof Settings>;

/** @throws Error with one line that names each variable that is missing or wrong */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const parsed = Settings.safeParse(env);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join(".")} (${message})`);
  throw new Error(`set ${wrong.join(", ")}`);
}
