/** What the API's figures are measured on: the API as it is deployed, over ClickHouse's engine and Postgres. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_KEYS } from "#core/api/auth/development-access.ts";
import { seedDemo } from "#core/api/seed-demo.ts";
import { type ClickHouseClient, openClickHouse } from "#core/store/clickhouse/client.ts";
import { migrate } from "#core/store/migrate.ts";
import { openPostgres, type Sql } from "#core/store/postgres/client.ts";
import { startClickHouse } from "#stack/engines/clickhouse.ts";
import { answers, type Engine, freePort, launch, untilReady } from "#stack/engines/engine.ts";
import { startPostgres } from "#stack/engines/postgres.ts";

const API = new URL("../../core/api/main.ts", import.meta.url).pathname;

export interface Rig {
  sql: Sql;
  clickhouse: ClickHouseClient;
  clickhouseUrl: string;
  apiUrl: string;
  /** `Authorization` with project 1's read key. */
  reader: Record<string, string>;
  close(): Promise<void>;
}

export async function openRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-bench-"));
  const started: Engine[] = [];
  const keep = <E extends Engine>(engine: E): E => {
    started.push(engine);
    return engine;
  };
  const at = (name: string) => ({ dataDir: join(folder, name), port: 0, logFile: join(folder, `${name}.log`) });
  const [engine, postgres] = await Promise.all([
    startClickHouse(at("clickhouse")).then(keep),
    startPostgres(at("postgres")).then(keep),
  ]);
  const sql = openPostgres(postgres.url, "bench");
  const clickhouse = openClickHouse(engine.url, "bench");
  await migrate({ sql, clickhouse });
  await seedDemo(sql);
  const port = await freePort();
  const env = {
    CLICKHOUSE_URL: engine.url,
    POSTGRES_URL: postgres.url,
    EDGE_SECRET: "edge-secret-of-the-bench",
    AUTH_SECRET: "auth-secret-of-the-bench-of-32-characters",
    RRHOG_EMBEDDED: "1",
    API_PORT: String(port),
    LOG_LEVEL: "warn",
  };
  const logFile = join(folder, "api.log");
  const api = await launch({ name: "api", command: process.execPath, args: [API], env, logFile });
  const apiUrl = `http://127.0.0.1:${port}`;
  started.unshift({ ...api, url: apiUrl });
  await untilReady(api, () => answers(`${apiUrl}/healthz`), { timeoutMs: 60_000 });
  return {
    sql,
    clickhouse,
    clickhouseUrl: engine.url,
    apiUrl,
    reader: { authorization: `Bearer ${DEMO_KEYS.read}` },
    async close() {
      await Promise.all([sql.end({ timeout: 1 }), clickhouse.close()]);
      for (const engine of started) await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
