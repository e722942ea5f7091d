/**
 * Applies infra/clickhouse/ and infra/postgres/ in the order of their file names, each file once. What was applied is
 * kept in Postgres with the file's hash: a file that changed after it was applied is an error, never a silent skip.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { ClickHouseClient } from "./clickhouse/client.ts";
import type { Sql } from "./postgres/client.ts";

const INFRA = new URL("../../infra/", import.meta.url);

/** Only one migrator at a time; the number is arbitrary and ours. */
const ADVISORY_LOCK = 7_211_044;

export interface Migrated {
  /** Names of the files applied now, e.g. `postgres/001_projects.sql`. */
  applied: string[];
  /** How many had been applied before. */
  kept: number;
}

/** @throws Error naming the file that failed or was changed */
export async function migrate(engines: { sql: Sql; clickhouse: ClickHouseClient }): Promise<Migrated> {
  const { sql, clickhouse } = engines;
  const session = await sql.reserve();
  try {
    await session`SELECT pg_advisory_lock(${ADVISORY_LOCK})`;
    await session`CREATE TABLE IF NOT EXISTS schema_migrations (
      name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`;
    const known = new Map(
      (await session<{ name: string; sha256: string }[]>`SELECT name, sha256 FROM schema_migrations`).map((row) => [
        row.name,
        row.sha256,
      ]),
    );
    const applied: string[] = [];
    for (const engine of ["postgres", "clickhouse"] as const) {
      for (const { name, text, sha256 } of await migrationFiles(engine)) {
        const before = known.get(name);
        if (before === sha256) continue;
        if (before !== undefined) {
          throw new Error(`infra/${name} was changed after it had been applied: add a new file instead`);
        }
        if (engine === "postgres") await session.unsafe(text).simple();
        else for (const statement of statements(text)) await clickhouse.command({ query: statement });
        await session`INSERT INTO schema_migrations (name, sha256) VALUES (${name}, ${sha256})`;
        applied.push(name);
      }
    }
    return { applied, kept: known.size };
  } finally {
    await session`SELECT pg_advisory_unlock_all()`.catch(() => undefined);
    session.release();
  }
}

async function migrationFiles(engine: "postgres" | "clickhouse") {
  const folder = new URL(`${engine}/`, INFRA);
  const names = (await readdir(folder)).filter((name) => /^\d{3}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), "utf8");
      return { name: `${engine}/${name}`, text, sha256: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

/** ClickHouse takes one statement a request; ours end in a semicolon at the end of a line. */
function statements(text: string): string[] {
  return text
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/--.*$/gm, "").trim() !== "");
}
