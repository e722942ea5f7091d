/** One set of real engines for a whole run of tests: Postgres, ClickHouse's engine, and the path of nats-server. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startClickHouse } from "#stack/engines/clickhouse.ts";
import { findNatsServer } from "#stack/engines/nats-binary.ts";
import { startPostgres } from "#stack/engines/postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** No database in its path: `freshDatabases` makes one a file. */
    clickhouseUrl: string;
    /** Of the server's own database, for the same reason. */
    postgresUrl: string;
    natsServerBin: string;
  }
}

export default async function startEngines(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-engines-"));
  const [clickhouse, postgres, nats] = await Promise.all([
    startClickHouse({ dataDir: join(folder, "clickhouse"), port: 0, logFile: join(folder, "clickhouse.log") }),
    startPostgres({ dataDir: join(folder, "postgres"), port: 0, logFile: join(folder, "postgres.log") }),
    findNatsServer({ say: (line) => console.log(line) }),
  ]);
  project.provide("clickhouseUrl", clickhouse.url);
  project.provide("postgresUrl", postgres.url);
  project.provide("natsServerBin", nats.path);
  return async () => {
    await Promise.all([clickhouse.stop(), postgres.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}
