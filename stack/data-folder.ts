/** `$RRHOG_DATA`: all state of one stack. Deleting it is a clean start; copying it while stopped is a backup. */
import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

export interface DataFolder {
  path: string;
  postgres: string;
  clickhouse: string;
  nats: string;
  /** SQLite of the edge's Durable Objects. */
  edge: string;
  /** pid files, and what the running stack tells the command line tools. */
  run: string;
  logs: string;
  secrets: string;
  logFile(part: string): string;
}

/** @throws StartError when it cannot be made or written to */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const folder: DataFolder = {
    path,
    postgres: join(path, "postgres"),
    clickhouse: join(path, "clickhouse"),
    nats: join(path, "nats"),
    edge: join(path, "edge"),
    run: join(path, "run"),
    logs: join(path, "logs"),
    secrets: join(path, "secrets.json"),
    logFile: (part) => join(path, "logs", `${part}.log`),
  };
  try {
    for (const each of [path, folder.run, folder.logs, folder.edge]) {
      await mkdir(each, { recursive: true, mode: 0o700 });
      await access(each, constants.R_OK | constants.W_OK | constants.X_OK);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`data folder: ${path} cannot be written (${code}). Make it writable or set RRHOG_DATA.`);
  }
  return folder;
}
