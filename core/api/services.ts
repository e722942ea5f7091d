import type { Logger } from "pino";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import type { Settings } from "./settings.ts";

/** What routes are made of. */
export interface Services {
  sql: Sql;
  clickhouse: ClickHouseClient;
  settings: Settings;
  log: Logger;
}
