import { z } from "zod";

const Settings = z.object({
  /** `http://user:password@host:port/database` */
  CLICKHOUSE_URL: z.url(),
  /** `postgres://user:password@host:port/database` */
  POSTGRES_URL: z.url(),
  /** `nats://worker:password@host:port` */
  NATS_URL: z.url(),
  /** Where health and metrics are served. */
  WORKER_HOST: z.string().default("127.0.0.1"),
  /** 0 takes a free one. */
  WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(9464),
  /**
   * Seconds for which later batches must have been there until a gap in a window is lasting, and its recorder is asked
   * for a snapshot; five times as long after the window's last batch where there are none.
   */
  GAP_LASTING_S: z.coerce.number().positive().max(86_400).default(60),
  /** Hours for which the stream keeps what is loaded, so that it can be processed again; less while it is half full. */
  STREAM_KEPT_H: z.coerce.number().positive().max(8_760).default(24),
  /**
   * `1` in development only: assets may be fetched from loopback addresses, at any port, where a project allows
   * `127.0.0.1:port`. Whoever may change a project's settings can then read what this machine serves as pictures.
   */
  ASSETS_LOOPBACK: z.enum(["0", "1"]).default("0"),
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
