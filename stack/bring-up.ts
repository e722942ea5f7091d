/** The order of a start: everything as soon as what it needs is there, side by side where nothing stands between. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { migrate } from "#core/store/migrate.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { type Build, buildIfStale, CONSOLE_BUILD, EDGE_BUILD } from "./builds.ts";
import { runCommand } from "./commands.ts";
import { askClickHouse, askNats, askPostgres, reasonOf } from "./elsewhere.ts";
import { findNatsServer } from "./engines/nats-binary.ts";
import { DEMO_WRITE_KEY, partsOf, type Surroundings } from "./parts.ts";
import type { Progress } from "./progress.ts";
import { ROOT } from "./settings.ts";
import { StartError } from "./start-error.ts";
import { keptFromBefore } from "./summary.ts";
import type { Part, Supervisor } from "./supervisor.ts";

/** How long the parts may take to find each other once each is up. */
const WELL_MS_MAX = 60_000;

/** @throws the first error, once all that was under way has ended; what runs by then is the supervisor's to stop */
export async function bringUp(surroundings: Surroundings, supervisor: Supervisor, progress: Progress): Promise<void> {
  const { addresses } = surroundings;
  const { signal } = supervisor;
  const steps = startAll(surroundings, supervisor, progress);
  try {
    await Promise.all(steps);
  } catch (error) {
    supervisor.giveUp();
    await Promise.allSettled(steps);
    throw error;
  }
  for (const url of [addresses.workerUrl, addresses.apiUrl, addresses.edgeUrl]) await untilWell(url, signal);
  const kept = await keptFromBefore(surroundings);
  if (kept !== null) progress.say(`  ${kept}`);
  await sendVisitors(surroundings, progress, signal);
}

function startAll(surroundings: Surroundings, supervisor: Supervisor, progress: Progress): Promise<unknown>[] {
  const { settings, data } = surroundings;
  const { signal } = supervisor;
  const parts = partsOf(surroundings);
  const start = (part: Part, label: string, port: number) =>
    progress.step(label, async () => {
      await supervisor.start(part);
      return String(port);
    });
  const elsewhere = (label: string, ask: () => Promise<void>) =>
    progress.step(label, async () => {
      await ask();
      return "runs elsewhere";
    });
  const build = (which: Build) =>
    progress.step(which.name, async () =>
      (await buildIfStale(which, data.logFile("build"), signal)) ? "built" : "up to date",
    );

  const { POSTGRES_URL, CLICKHOUSE_URL, NATS_URL } = settings;
  const postgres = POSTGRES_URL
    ? elsewhere("postgres", () => askPostgres(POSTGRES_URL))
    : start(parts.postgres, "postgres", settings.POSTGRES_PORT);
  const clickhouse = CLICKHOUSE_URL
    ? elsewhere("clickhouse", () => askClickHouse(CLICKHOUSE_URL))
    : start(parts.clickhouse, "clickhouse", settings.CLICKHOUSE_PORT);
  const nats = NATS_URL
    ? elsewhere("nats", () => askNats(NATS_URL))
    : progress.step("nats", async () => {
        const { path, version } = await findNatsServer({ say: (line) => progress.say(`  … ${line}`), signal });
        await supervisor.start(parts.nats(path));
        return `${settings.NATS_PORT}/${settings.NATS_WS_PORT} (${version})`;
      });
  const edgeBuilt = build(EDGE_BUILD);
  const consoleBuilt = build(CONSOLE_BUILD);
  const migrated = Promise.all([postgres, clickhouse]).then(() =>
    progress.step("migrated", () => applyAll(surroundings)),
  );

  return [
    Promise.all([migrated, nats]).then(() => start(parts.worker, "worker", settings.WORKER_PORT)),
    start(parts.api, "api", settings.API_PORT), // it needs its engines only when it is asked
    migrated.then(() => progress.step("demo project", () => seedDemo(surroundings, signal))),
    Promise.all([edgeBuilt, nats]).then(() => start(parts.edge, "edge", settings.EDGE_PORT)),
    consoleBuilt.then(() => start(parts.ui, "console", settings.UI_PORT)),
    start(parts.demo, "demo shop", settings.DEMO_PORT),
  ];
}

async function applyAll({ addresses }: Surroundings): Promise<string> {
  const sql = openPostgres(addresses.postgresUrl, "rrhog-stack");
  const clickhouse = openClickHouse(addresses.clickhouseUrl, "rrhog-stack");
  try {
    const { applied, kept } = await migrate({ sql, clickhouse });
    return kept === 0 ? `${applied.length}` : `${kept} kept, ${applied.length} new`;
  } catch (error) {
    throw new StartError(`migrations: ${reasonOf(error)}`);
  } finally {
    await sql.end({ timeout: 1 });
    await clickhouse.close();
  }
}

/** Project 1 with its development keys and its owner; the API's to make, since it alone writes settings. */
async function seedDemo({ addresses, secrets, data }: Surroundings, signal: AbortSignal): Promise<undefined> {
  await runCommand({
    name: "demo project",
    command: process.execPath,
    args: [join(ROOT, "core/api/seed-demo.ts")],
    env: {
      POSTGRES_URL: addresses.postgresUrl,
      CLICKHOUSE_URL: addresses.clickhouseUrl,
      AUTH_SECRET: secrets.authSecret,
      EDGE_SECRET: secrets.edgeSecret,
      RRHOG_EMBEDDED: "1",
    },
    logFile: data.logFile("seed"),
    signal,
  });
}

/** Healthy, not only up: the worker has its engines and the stream, and the edge can make a batch durable. */
async function untilWell(url: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + WELL_MS_MAX;
  for (;;) {
    signal.throwIfAborted();
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) }).then(
      async (response) => ({ ok: response.ok, text: await response.text() }),
      (error: Error) => ({ ok: false, text: error.message }),
    );
    if (answer.ok) return;
    if (Date.now() > deadline)
      throw new StartError(`${url}/healthz says after ${WELL_MS_MAX / 1_000} s: ${answer.text}`);
    await sleep(50);
  }
}

/**
 * The demo visitors' recordings, once in the life of a data folder, through the edge like anyone's. The moment they are
 * dated from is kept before they are sent: a start that was broken off sends the same bytes again, which fold.
 */
async function sendVisitors({ addresses, data }: Surroundings, progress: Progress, signal: AbortSignal): Promise<void> {
  const marker = join(data.path, "demo-visitors.json");
  const known = await readFile(marker, "utf8").then(
    (text) => JSON.parse(text) as { from: number; sent: boolean },
    () => null,
  );
  if (known?.sent) return;
  const from = known?.from ?? Date.now();
  await writeFile(marker, JSON.stringify({ from, sent: false }));
  await progress.step("demo sessions", async () => {
    const printed = await runCommand({
      name: "demo sessions",
      command: process.execPath,
      args: [join(ROOT, "demo/send-visitors.ts")],
      env: { EDGE_URL: addresses.edgeUrl, WRITE_KEY: DEMO_WRITE_KEY, DEMO_NOW: String(from) },
      logFile: data.logFile("visitors"),
      signal,
    });
    const count = /(\d+) sessions/.exec(printed.split("\n").at(-1) ?? "")?.[1];
    return `${count ?? "none"} sent through the edge`;
  });
  await writeFile(marker, JSON.stringify({ from, sent: true }));
}
