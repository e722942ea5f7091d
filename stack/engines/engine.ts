/** One process that serves others: how it is started, when it is ready, and how it ends. */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../start-error.ts";
import { reaper } from "./reaper.ts";

/** A log that has grown beyond this is put aside at the next start. */
const LOG_BYTES_MAX = 16 * 1024 * 1024;

export interface Exit {
  code: number | null;
  signal: string | null;
}

/** A running engine or part. */
export interface Engine {
  name: string;
  url: string;
  /** The process to signal. */
  pid: number;
  /** Resolves when the process has gone; never rejects. */
  exited: Promise<Exit>;
  /** Asks it to end, and ends it by force when it has not done so in time. */
  stop(): Promise<void>;
}

/** What the one who starts a process wants of it while it starts. */
export interface Supervision {
  /** Gives the start up: what was launched is ended, and the start rejects. */
  signal?: AbortSignal | undefined;
  /** Told as soon as there is a process, before it is ready. */
  launched?: (pid: number) => Promise<void>;
}

export interface Launch {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** Takes what the process prints; appended to. */
  logFile: string;
  /** What asks the process to end; SIGTERM unless told otherwise. */
  stopSignal?: NodeJS.Signals;
  /** How long it may take to end by itself. */
  graceMs?: number;
  supervision?: Supervision | undefined;
}

export type Launched = Omit<Engine, "url"> & {
  /** What it has printed since it was launched. */
  printed(): string;
};

/**
 * Each process leads a group of its own: Ctrl-C reaches the supervisor alone, and what it starts ends in order. Should
 * the supervisor be killed, the reaper ends what it leaves.
 */
export async function launch(options: Launch): Promise<Launched> {
  const { name, command, args, env, logFile, stopSignal = "SIGTERM", graceMs = 10_000, supervision } = options;
  supervision?.signal?.throwIfAborted();
  mkdirSync(dirname(logFile), { recursive: true });
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES_MAX) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, "a", 0o600);
  const logStart = statSync(logFile).size;
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...env },
  });
  closeSync(log);
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: 127, signal: null }));
  });
  const { pid } = child;
  if (pid === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once("error", resolve));
    throw new StartError(`${name}: cannot run ${command} (${cause.message})`);
  }
  reaper.watch(pid);
  void exited.then(() => reaper.forget(pid));
  const launched: Launched = {
    name,
    pid,
    exited,
    printed: () => readFileSync(logFile).subarray(logStart).toString(),
    async stop() {
      signalProcess(pid, stopSignal);
      const late = sleep(graceMs, "late" as const, { ref: false });
      if ((await Promise.race([exited, late])) === "late") {
        signalProcess(-pid, "SIGKILL");
        await exited;
      }
    },
  };
  try {
    await supervision?.launched?.(pid);
  } catch (error) {
    // Where it cannot be noted down (a full disk), nobody would ever end it.
    await launched.stop();
    throw error;
  }
  return launched;
}

export interface Readiness {
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Asks `probe` until it says yes. Where it does not come to that, the process is ended. A probe may throw: a StartError
 * when there is nothing to wait for, anything else for "not yet".
 * @throws StartError with the process's own last line when it ended before, or was not ready in time
 */
export async function untilReady(
  started: Launched,
  probe: () => Promise<boolean>,
  { timeoutMs = 30_000, signal }: Readiness = {},
): Promise<void> {
  let gone: Exit | undefined;
  void started.exited.then((exit) => {
    gone = exit;
  });
  const deadline = Date.now() + timeoutMs;
  while (!(await ask(probe, started))) {
    if (gone !== undefined) throw new StartError(lastWords(started, gone));
    if (signal?.aborted || Date.now() > deadline) {
      await started.stop();
      signal?.throwIfAborted();
      throw new StartError(`${started.name}: not ready after ${timeoutMs / 1000} s`);
    }
    await sleep(25);
  }
}

/** Not yet, unless what it says is final. */
async function ask(probe: () => Promise<boolean>, started: Launched): Promise<boolean> {
  try {
    return await probe();
  } catch (error) {
    if (!(error instanceof StartError)) return false;
    await started.stop();
    throw error;
  }
}

/** True when the health route answers 2xx. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}

/** True when the health route answers at all, be it that an engine is away. */
export async function responds(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await response.body?.cancel();
  return true;
}

/** Below those that the system gives to connections, of which one could have ours before it is listened at. */
const FREE_PORTS = { from: 20_000, to: 30_000 };
let nextPort = randomInt(FREE_PORTS.from, FREE_PORTS.to);

/** A port of 127.0.0.1 that was free a moment ago, another one at each call. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort;
    nextPort = port + 1 < FREE_PORTS.to ? port + 1 : FREE_PORTS.from;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function lastWords(started: Launched, { code, signal }: Exit): string {
  const line = started.printed().trim().split("\n").at(-1)?.trim() ?? "";
  if (line.startsWith(`${started.name}: `)) return line;
  return `${started.name}: ended at start (${signal ?? `code ${code}`})${line === "" ? "" : `: ${line}`}`;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has gone already
  }
}
