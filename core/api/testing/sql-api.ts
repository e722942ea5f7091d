/** The API over a ClickHouse engine whose database is `default`: that is what the rights of `rrhog_sql` name. */
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { migrate } from "#core/store/migrate.ts";
import { ownClickHouse } from "../../../test/support/own-clickhouse.ts";
import { openApi, startTestApi, type TestApi } from "./api.ts";

export async function startSqlApi(): Promise<TestApi> {
  const [api, engine] = await Promise.all([startTestApi(), ownClickHouse()]);
  const clickhouse = openClickHouse(engine.url, "test");
  await api.sql`DELETE FROM schema_migrations WHERE name LIKE 'clickhouse/%'`;
  await migrate({ sql: api.sql, clickhouse });
  const engines = { sql: api.sql, postgresUrl: api.postgresUrl, clickhouse, clickhouseUrl: engine.url };
  return {
    ...engines,
    ...openApi(engines),
    async drop() {
      await clickhouse.close();
      await engine.stop();
      await api.drop();
    },
  };
}
