/** A whole stack of its own for one test file: its own ports, its own data folder, nothing left behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Addresses, Part } from "#cli/addresses.ts";
import { freePort } from "#stack/engines/engine.ts";
import { processesOf, signalEach } from "./processes.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const PORTS = [
  "EDGE_PORT",
  "API_PORT",
  "UI_PORT",
  "DEMO_PORT",
  "NATS_PORT",
  "NATS_WS_PORT",
  "NATS_HTTP_PORT",
  "CLICKHOUSE_PORT",
  "POSTGRES_PORT",
  "WORKER_PORT",
] as const;
type Ports = Record<(typeof PORTS)[number], string>;

const UNPRIVILEGED = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];

const READY_MS_MAX = 240_000;
const END_MS_MAX = 60_000;

export interface StackProcess {
  child: ChildProcess;
  dataDir: string;
  ports: Ports;
  /** All it has printed so far. */
  output(): string;
  /** Resolves when it has printed its table of addresses. @throws Error with its output when it ends before that */
  ready(): Promise<void>;
  /** Resolves to its exit code; null where a signal ended it. */
  exited: Promise<number | null>;
  /** Ends it as Ctrl-C does, whatever state it is in, and sees to it that nothing of it is left. */
  end(): Promise<number | null>;
}

export interface RunningStack extends StackProcess {
  addresses: Addresses;
  /** The process that a part's pid file names now. */
  pidOf(part: Part): Promise<number>;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
}

export async function startStack(options: Pick<LaunchOptions, "throughCommand" | "env"> = {}): Promise<RunningStack> {
  const dataDir = await newDataDir();
  const stack = await launchStack(dataDir, options);
  try {
    await stack.ready();
  } catch (error) {
    await stack.end();
    throw error;
  }
  // What is around it may have given it a disk of its own.
  const root = options.throughCommand ? `/proc/${stack.child.pid}/root` : "/";
  const run = join(root, dataDir, "run");
  return {
    ...stack,
    addresses: JSON.parse(await readFile(join(run, "stack.json"), "utf8")) as Addresses,
    async pidOf(part) {
      return Number.parseInt(await readFile(join(run, `${part}.pid`), "utf8"), 10);
    },
    async stop() {
      await stack.end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function newDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), "rrhog-stack-"));
}

export interface LaunchOptions {
  /** Beside the ports and the data folder. */
  env?: Record<string, string>;
  /** Those of an earlier start, instead of free ones. */
  ports?: Ports;
  /** What becomes the given command, around it: a disk of its own, say. */
  throughCommand?(dataDir: string, command: string, args: string[]): [string, string[]];
  /** As somebody to whom file modes apply, even where the tests run as root. */
  unprivileged?: boolean;
}

/** Starts it and does not wait: for the tests of the start itself. */
export async function launchStack(dataDir: string, options: LaunchOptions = {}): Promise<StackProcess> {
  const ports = options.ports ?? (await freePorts());
  const command = [process.execPath, join(ROOT, "stack/main.ts")];
  // In a user namespace the files stay our own, and root's power over file modes is gone.
  if (options.unprivileged && process.getuid?.() === 0) command.unshift(...UNPRIVILEGED);
  const [program = "", ...args] = command;
  const [outer, outerArgs] = options.throughCommand?.(dataDir, program, args) ?? [program, args];
  const child = spawn(outer, outerArgs, {
    cwd: ROOT,
    env: { ...process.env, ...ports, RRHOG_DATA: dataDir, NODE_ENV: "production", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  }
  const output = () => chunks.join("");
  const exited = once(child, "close").then(([code]) => code as number | null);
  return {
    child,
    dataDir,
    ports,
    output,
    exited,
    ready: () => untilReady(output, exited),
    end: () => end(child, dataDir, exited),
  };
}

async function untilReady(output: () => string, exited: Promise<number | null>): Promise<void> {
  let ended: number | null | undefined;
  void exited.then((code) => {
    ended = code;
  });
  const giveUpAt = Date.now() + READY_MS_MAX;
  while (!/^\s*Ready in /m.test(output())) {
    if (ended !== undefined) throw new Error(`the stack ended with ${ended}:\n${output()}`);
    if (Date.now() > giveUpAt) throw new Error(`the stack is not ready after ${READY_MS_MAX / 1_000} s:\n${output()}`);
    await sleep(50);
  }
}

async function end(child: ChildProcess, dataDir: string, exited: Promise<number | null>): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGINT");
  const code = await Promise.race([exited, sleep(END_MS_MAX, "late" as const, { ref: false })]);
  const left = processesOf(dataDir);
  signalEach(
    left.map(({ pid }) => pid),
    "SIGKILL",
  );
  if (code === "late") throw new Error(`the stack did not end within ${END_MS_MAX / 1_000} s of Ctrl-C`);
  if (left.length > 0)
    throw new Error(`left behind: ${left.map(({ pid, command }) => `${pid} ${command}`).join("; ")}`);
  return code;
}

async function freePorts(): Promise<Ports> {
  const entries = PORTS.map(async (name) => [name, String(await freePort())]);
  return Object.fromEntries(await Promise.all(entries)) as Ports;
}
