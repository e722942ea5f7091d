import type { Logger } from "pino";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import type { BetterAuth } from "./auth/better-auth.ts";
import type { SignInLimit } from "./auth/sign-in-limit.ts";
import type { Metrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";

/** What routes are made of. */
export interface Services {
  sql: Sql;
  clickhouse: ClickHouseClient;
  auth: BetterAuth;
  limit: SignInLimit;
  metrics: Metrics;
  settings: Settings;
  log: Logger;
  /** The process is about to end: what would go on for ever ends now. */
  stopping: AbortSignal;
}
