import { createAdaptorServer } from "@hono/node-server";
import pino from "pino";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { createApp } from "./app.ts";
import { openBetterAuth } from "./auth/better-auth.ts";
import { isFirstRun, setupToken } from "./auth/setup-token.ts";
import { SignInLimit } from "./auth/sign-in-limit.ts";
import { createMetrics } from "./metrics.ts";
import { refuseDevelopmentAccess } from "./production.ts";
import { readSettings, type Settings } from "./settings.ts";

/** How long running answers may take after SIGTERM; live streams end at once, and their watchers come again. */
const CLOSE_MS = 5_000;
const IDLE_LOOK_MS = 50;

const settings = settingsOrExit();
const log = pino({ level: settings.LOG_LEVEL, base: { part: "api" } });
const sql = openPostgres(settings.POSTGRES_URL, "rrhog-api");
const clickhouse = openClickHouse(settings.CLICKHOUSE_URL, "rrhog-api");
if (settings.RRHOG_EMBEDDED === "0") await refuseDevelopmentAccess(sql, log);
const stopping = new AbortController();

const app = createApp({
  sql,
  clickhouse,
  auth: openBetterAuth(sql, settings),
  limit: new SignInLimit(),
  metrics: createMetrics(),
  settings,
  log,
  stopping: stopping.signal,
});
const server = createAdaptorServer({ fetch: app.fetch });
server.once("error", (error: NodeJS.ErrnoException) => {
  const taken = error.code === "EADDRINUSE";
  const reason = taken ? `port ${settings.API_PORT} is taken. Stop what listens there or set API_PORT` : error.message;
  console.error(`api: ${reason}`);
  process.exit(1);
});
server.listen(settings.API_PORT, settings.API_HOST, () => {
  log.info(server.address(), "listening");
  sayHowToBegin().catch((error: Error) =>
    log.warn({ reason: error.message }, "could not look whether anybody is there"),
  );
});

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void close());

/** The token is of use to whoever reads this log, and to nobody once there is an owner. */
async function sayHowToBegin(): Promise<void> {
  if (!(await isFirstRun(sql))) return;
  const setup_token = settings.SETUP_TOKEN === undefined ? setupToken(settings) : "as SETUP_TOKEN says";
  log.warn({ setup_token }, "nobody has an account yet: POST /v1/auth/first-run makes the owner");
}

async function close(): Promise<void> {
  setTimeout(() => process.exit(0), CLOSE_MS).unref();
  stopping.abort();
  await new Promise((resolve) => {
    server.close(resolve);
    // What is answered from here on leaves its connection idle, and open.
    setInterval(() => "closeIdleConnections" in server && server.closeIdleConnections(), IDLE_LOOK_MS).unref();
  });
  await Promise.allSettled([sql.end({ timeout: 1 }), clickhouse.close()]);
  process.exit(0);
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    console.error(`api: ${(error as Error).message}`);
    process.exit(1);
  }
}
