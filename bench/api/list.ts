/**
 * How much longer a list takes over a million sessions than over ten thousand: the first page, with its count of hidden
 * ones, asked of the API in this process, each pair of filters in turn. The worst pair is the figure.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { createApp } from "#core/api/app.ts";
import { openBetterAuth } from "#core/api/auth/better-auth.ts";
import { SignInLimit } from "#core/api/auth/sign-in-limit.ts";
import { createMetrics } from "#core/api/metrics.ts";
import { secretHash } from "#core/api/secret-hash.ts";
import { readSettings } from "#core/api/settings.ts";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { migrate } from "#core/store/migrate.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { startClickHouse } from "#stack/engines/clickhouse.ts";
import type { Engine } from "#stack/engines/engine.ts";
import { startPostgres } from "#stack/engines/postgres.ts";
import { type Figure, median, type Progress } from "../figure.ts";
import { insertSessions } from "./synthetic-sessions.ts";

const FEW = 10_000;
const MANY = 1_000_000;
const ROUNDS = 15;
const GOAL = 3;
const READ_KEY = "bench_read_key";

/** Common with common, common with rare, rare with rare; a path; a number; what nobody has. */
const PAIRS = [
  "country=DE&browser=chrome",
  "browser=firefox&has_errors=true",
  "country=IS&browser=opera",
  "path=/products/7&device=mobile",
  "country=FR&min_duration_ms=600000",
  "release=2.7&has_rage_clicks=true",
  "country=AT&os=linux",
];

export async function listFigure(progress: Progress): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-bench-"));
  const engines: Engine[] = [];
  const open: { list: (query: string) => Promise<void>; close(): Promise<void> }[] = [];
  try {
    progress("api: starting the engines");
    const at = (name: string) => ({ dataDir: join(folder, name), port: 0, logFile: join(folder, `${name}.log`) });
    engines.push(await startPostgres(at("postgres")));
    engines.push(await startClickHouse(at("clickhouse")));
    const [postgres = "", clickhouse = ""] = engines.map(({ url }) => url);
    for (const count of [FEW, MANY]) {
      progress(`api: making ${count.toLocaleString("en")} sessions`);
      open.push(await openProject(postgres, clickhouse, count));
    }
    const [few, many] = open;
    if (!few || !many) throw new Error("no project");

    const measured = [];
    for (const query of PAIRS) {
      progress(`api: listing ${query}`);
      const times: [number, number][] = [];
      // The first round is not counted: it fills caches.
      for (let round = 0; round <= ROUNDS; round++) {
        const time: [number, number] = [await timed(() => few.list(query)), await timed(() => many.list(query))];
        if (round > 0) times.push(time);
      }
      const [fewMs, manyMs] = [median(times.map(([ms]) => ms)), median(times.map(([, ms]) => ms))];
      measured.push({ query, fewMs, manyMs, ratio: manyMs / fewMs });
    }
    const worst = measured.toSorted((a, b) => b.ratio - a.ratio)[0];
    const told = measured.map(({ query, fewMs, manyMs }) => `${query} ${fewMs.toFixed(1)} → ${manyMs.toFixed(1)} ms`);
    return {
      bench: "api.list",
      ratio: worst?.ratio ?? null,
      goal: GOAL,
      better: "lower",
      detail: `first page over ${MANY} sessions against ${FEW}, the worst of ${told.join(", ")}`,
    };
  } finally {
    await Promise.all(open.map((project) => project.close()));
    await Promise.all(engines.map((engine) => engine.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** A database of its own with so many sessions, and the API over it. */
async function openProject(postgresUrl: string, clickhouseUrl: string, count: number) {
  const name = `bench_${count}`;
  const admin = openPostgres(postgresUrl, "bench");
  await admin`CREATE DATABASE ${admin(name)}`;
  await admin.end();
  const clickhouseAdmin = openClickHouse(clickhouseUrl, "bench");
  await clickhouseAdmin.command({ query: `CREATE DATABASE ${name}` });
  await clickhouseAdmin.close();
  const urls = { POSTGRES_URL: withPath(postgresUrl, name), CLICKHOUSE_URL: withPath(clickhouseUrl, name) };
  const sql = openPostgres(urls.POSTGRES_URL, "bench");
  const clickhouse = openClickHouse(urls.CLICKHOUSE_URL, "bench");
  await migrate({ sql, clickhouse });
  await sql`INSERT INTO projects (id, name) VALUES (1, 'Bench')`;
  await sql`INSERT INTO project_keys (key_hash, project_id, kind, prefix) VALUES (${secretHash(READ_KEY)}, 1, 'read', 'bench')`;
  await insertSessions(sql, 1, count);
  const settings = readSettings({
    ...urls,
    EDGE_SECRET: randomBytes(16).toString("hex"),
    AUTH_SECRET: randomBytes(32).toString("base64url"),
    RRHOG_EMBEDDED: "1",
  });
  const app = createApp({
    sql,
    clickhouse,
    settings,
    auth: openBetterAuth(sql, settings),
    limit: new SignInLimit(),
    metrics: createMetrics(),
    log: pino({ enabled: false }),
    stopping: new AbortController().signal,
  });
  return {
    async list(query: string) {
      const headers = { authorization: `Bearer ${READ_KEY}` };
      const answer = await app.request(`/v1/projects/1/sessions?${query}`, { headers });
      if (answer.status !== 200) throw new Error(`${query}: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    },
    async close() {
      await Promise.all([sql.end(), clickhouse.close()]);
    },
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function withPath(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}
