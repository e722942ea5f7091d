import type { Sql } from "./client.ts";

/**
 * What a claim and a dead letter rest on in Postgres.
 *
 * @returns one line for each setting that would let a committed row be lost
 * @throws Error when the server does not answer or the tables are not there yet
 */
export async function postgresFaults(sql: Sql): Promise<string[]> {
  const [tables] = await sql<{ there: boolean }[]>`
    SELECT to_regclass('sessions_meta') IS NOT NULL AND to_regclass('dead_letters') IS NOT NULL AS there`;
  if (!tables?.there) throw new Error("table sessions_meta or dead_letters is not there: migrations have not run");
  const off = await sql<{ name: string }[]>`
    SELECT name FROM pg_settings
    WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'`;
  return off.map(({ name }) => `postgres: ${name} is off, a committed row may be lost`);
}
