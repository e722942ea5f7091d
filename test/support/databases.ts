/** A new, migrated database in each of the two engines, for one test file. */
import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { type ClickHouseClient, openClickHouse } from "#core/store/clickhouse/client.ts";
import { keepDays } from "#core/store/clickhouse/removal.ts";
import { migrate } from "#core/store/migrate.ts";
import { openPostgres, type Sql } from "#core/store/postgres/client.ts";

/** Tests tell of days that are written down, and what is older than a table keeps is gone as soon as it is there. */
const KEPT_DAYS = 20_000;

export interface FreshDatabases {
  sql: Sql;
  clickhouse: ClickHouseClient;
  postgresUrl: string;
  clickhouseUrl: string;
  /** Closes the clients and drops both databases. */
  drop(): Promise<void>;
}

export async function freshDatabases(): Promise<FreshDatabases> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const postgresUrl = withPath(inject("postgresUrl"), name);
  const clickhouseUrl = withPath(inject("clickhouseUrl"), name);

  const admin = openPostgres(inject("postgresUrl"), "test");
  const clickhouseAdmin = openClickHouse(inject("clickhouseUrl"), "test");
  await admin`CREATE DATABASE ${admin(name)}`;
  await clickhouseAdmin.command({ query: `CREATE DATABASE ${name}` });

  const sql = openPostgres(postgresUrl, "test");
  const clickhouse = openClickHouse(clickhouseUrl, "test");
  await migrate({ sql, clickhouse });
  await keepDays(clickhouse, KEPT_DAYS);
  return {
    sql,
    clickhouse,
    postgresUrl,
    clickhouseUrl,
    async drop() {
      await sql.end({ timeout: 1 });
      await clickhouse.close();
      await admin`DROP DATABASE ${admin(name)} WITH (FORCE)`;
      await clickhouseAdmin.command({ query: `DROP DATABASE ${name} SYNC` });
      await admin.end();
      await clickhouseAdmin.close();
    },
  };
}

function withPath(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}
