/** ClickHouse's engine as a library (npm `chdb`), in a process of its own that speaks ClickHouse's HTTP interface. */
import { fileURLToPath } from "node:url";
import { StartError } from "../start-error.ts";
import { answers, type Engine, freePort, launch, type Supervision, untilReady } from "./engine.ts";

const SERVER = fileURLToPath(new URL("clickhouse-server.ts", import.meta.url));

export interface ClickHouseOptions {
  dataDir: string;
  /** 0 picks a free one. */
  port: number;
  logFile: string;
  supervision?: Supervision;
}

/**
 * @returns with `url` as `@clickhouse/client-web` takes it; loopback only, no password
 * @throws StartError in one line, e.g. while another process has the folder open
 */
export async function startClickHouse({ dataDir, logFile, supervision, ...given }: ClickHouseOptions): Promise<Engine> {
  const port = given.port || (await freePort());
  const started = await launch({
    name: "clickhouse",
    command: process.execPath,
    args: [SERVER],
    env: {
      CLICKHOUSE_DATA_DIR: dataDir,
      CLICKHOUSE_PORT: String(port),
      // Each running query holds a thread of libuv's pool, whose size is fixed before the first is used.
      UV_THREADPOOL_SIZE: "24",
    },
    logFile,
    graceMs: 20_000,
    supervision,
  });
  const url = `http://127.0.0.1:${port}`;
  const readiness = { timeoutMs: 60_000, signal: supervision?.signal };
  await untilReady(started, () => answers(`${url}/ping`), readiness).catch((error: unknown) => {
    throw explain(error, started.printed(), dataDir);
  });
  return { ...started, url };
}

/** The library says that it cannot open a folder; why, it prints itself. */
function explain(error: unknown, printed: string, dataDir: string): unknown {
  const cause = [...printed.matchAll(/DB::Exception: ((?:(?!DB::Exception)[^\n])+)/g)].at(-1)?.[1];
  if (!(error instanceof StartError) || cause === undefined) return error;
  if (/Another server instance/.test(cause)) {
    return new StartError(`clickhouse: ${dataDir} is in use by another process. Stop it, or set RRHOG_DATA.`);
  }
  const [sentence = cause] = cause.split(/\. (?=You can change|\()/);
  return new StartError(error.message.replace(/Failed to create connection for path '[^']*'/, sentence.slice(0, 300)));
}
