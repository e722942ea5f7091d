/** What a 202 rests on in ClickHouse, read back from the server: defaults differ between versions and profiles. */
import { type ClickHouseClient, INSERT_SETTINGS } from "./client.ts";

const TABLES = ["events_rrweb", "batches", "events", "seen_text"];

/** An insert is on disk when it is answered, and so is what merges make of it, before its sources go (hazard 13). */
export const MERGE_TREE_LEAST: Record<string, number> = {
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  min_rows_to_fsync_after_merge: 1,
  min_compressed_bytes_to_fsync_after_merge: 1,
  old_parts_lifetime: 480,
};

/**
 * @returns one line for each setting that would let an answered insert be lost or a repeated one be dropped
 * @throws Error when the server does not answer or the tables are not there yet
 */
export async function clickhouseFaults(clickhouse: ClickHouseClient): Promise<string[]> {
  return [...(await insertFaults(clickhouse)), ...(await tableFaults(clickhouse))];
}

async function insertFaults(clickhouse: ClickHouseClient): Promise<string[]> {
  const known = await rows<{ name: string }>(
    clickhouse,
    "SELECT name FROM system.settings WHERE name IN {names: Array(String)}",
    { names: Object.keys(INSERT_SETTINGS) },
  );
  const names = new Set(known.map(({ name }) => name));
  const unknown = Object.keys(INSERT_SETTINGS).filter((name) => !names.has(name));
  if (unknown.length > 0) return [`clickhouse: this server is too old, it does not know ${unknown.join(", ")}`];
  const [effective = {}] = await rows<Record<string, string>>(
    clickhouse,
    `SELECT ${Object.keys(INSERT_SETTINGS)
      .map((name) => `toString(getSetting('${name}')) AS ${name}`)
      .join(", ")}`,
    {},
    INSERT_SETTINGS,
  );
  return Object.entries(INSERT_SETTINGS).flatMap(([name, wanted]) =>
    sameSetting(effective[name], wanted)
      ? []
      : [`clickhouse: ${name} is ${effective[name]}, not ${wanted} as asked for`],
  );
}

/** Booleans come back as words. */
function sameSetting(value: string | undefined, wanted: string | number): boolean {
  return value === String(wanted) || value === { 0: "false", 1: "true" }[wanted];
}

async function tableFaults(clickhouse: ClickHouseClient): Promise<string[]> {
  const tables = await rows<{ name: string; engine_full: string }>(
    clickhouse,
    "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() AND name IN {tables: Array(String)}",
    { tables: TABLES },
  );
  const missing = TABLES.filter((table) => !tables.some(({ name }) => name === table));
  if (missing.length > 0) throw new Error(`table ${missing.join(", ")} is not there: migrations have not run`);
  const defaults = new Map(
    (
      await rows<{ name: string; value: string }>(
        clickhouse,
        "SELECT name, value FROM system.merge_tree_settings WHERE name IN {names: Array(String)}",
        { names: Object.keys(MERGE_TREE_LEAST) },
      )
    ).map(({ name, value }) => [name, value]),
  );
  return tables.flatMap(({ name: table, engine_full }) => {
    const own = new Map([...engine_full.matchAll(/(\w+) = '?([\w.]+)'?/g)].map(([, name, value]) => [name, value]));
    const engine = engine_full.split("(", 1)[0];
    const kind = engine?.endsWith("ReplacingMergeTree")
      ? []
      : [`clickhouse: table ${table} has engine ${engine}, its rows do not fold`];
    const settings = Object.entries(MERGE_TREE_LEAST).flatMap(([name, least]) => {
      const value = Number(own.get(name) ?? defaults.get(name));
      return value >= least ? [] : [`clickhouse: ${name} of table ${table} is ${value}, not at least ${least}`];
    });
    return [...kind, ...settings];
  });
}

async function rows<Row>(
  clickhouse: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
  clickhouse_settings = {},
): Promise<Row[]> {
  const result = await clickhouse.query({ query, query_params, clickhouse_settings, format: "JSONEachRow" });
  return result.json<Row>();
}
