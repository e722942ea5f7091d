/** All text that lies in the tables of both engines, whatever they are called: where a secret must not be found. */
import type { FreshDatabases } from "../../../test/support/databases.ts";

/** @returns the tables that hold the text, as `engine.table` */
export async function tablesWith(
  { sql, clickhouse }: Pick<FreshDatabases, "sql" | "clickhouse">,
  secret: string,
): Promise<string[]> {
  const found: string[] = [];
  const query = async <Row>(query: string) => (await clickhouse.query({ query, format: "JSONEachRow" })).json<Row>();
  const columns = await query<{ table: string; columns: string[] }>(`
    SELECT table, groupArray(name) AS columns FROM system.columns
    WHERE database = currentDatabase() GROUP BY table`);
  for (const { table, columns: names } of columns) {
    const text = names.map((name) => `ifNull(toString(\`${name}\`), '')`).join(", ");
    const [row] = await query<{ n: string }>(
      `SELECT count() AS n FROM ${table} WHERE position(concat('', ${text}), '${secret}') > 0`,
    );
    if (Number(row?.n) > 0) found.push(`clickhouse.${table}`);
  }
  const tables = await sql<{ name: string }[]>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;
  for (const { name } of tables) {
    const rows = await sql`SELECT FROM ${sql(name)} AS t WHERE position(${secret} IN t::text) > 0 LIMIT 1`;
    if (rows.length > 0) found.push(`postgres.${name}`);
  }
  return found;
}
