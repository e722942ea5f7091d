/** What has to be built before it runs. A build is as old as its inputs: a hash of them lies beside what it made. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "./commands.ts";
import { isAlive } from "./processes.ts";
import { ROOT } from "./settings.ts";

export interface Build {
  name: string;
  /** Files and folders of the clone that it is made of. */
  inputs: string[];
  /** A folder of its own. */
  output: string;
  /** The package and its command. */
  tool: [packageName: string, command: string];
  args: string[];
}

/** The recorder's text is part of the edge, and wrangler.toml has it built first. */
export const EDGE_BUILD: Build = {
  name: "edge build",
  inputs: ["edge", "sdk", "protocol", "wrangler.toml"],
  output: "edge/dist",
  tool: ["wrangler", "wrangler"],
  args: ["deploy", "--dry-run", "--outdir", "edge/dist"],
};

export const CONSOLE_BUILD: Build = {
  name: "console build",
  inputs: ["ui", "core/replay", "core/api/condition-form.ts"],
  output: "ui/build",
  tool: ["@react-router/dev", "react-router"],
  args: ["build", "ui"],
};

/** Not inputs: what builds make, and what only tests read. */
const SKIPPED = new Set(["node_modules", "dist", "build", ".react-router", ".wrangler", "test"]);
const STAMP = ".built-from";
const CACHE = join(ROOT, "node_modules/.cache/rrhog");
const LOCK_POLL_MS = 200;

/** @returns true when it was built, false when what is there is up to date */
export async function buildIfStale(build: Build, logFile: string, signal: AbortSignal): Promise<boolean> {
  // Two starts of one clone, on two data folders, share what is built.
  const release = await lock(build.name, signal);
  try {
    return await buildLocked(build, logFile, signal);
  } finally {
    await release();
  }
}

async function buildLocked(build: Build, logFile: string, signal: AbortSignal): Promise<boolean> {
  const output = join(ROOT, build.output);
  const stamp = join(output, STAMP);
  const inputs = await hashOf([...build.inputs, "package.json", "package-lock.json"]);
  if (existsSync(stamp) && (await readFile(stamp, "utf8")) === inputs) return false;
  await rm(output, { recursive: true, force: true });
  await runCommand({
    name: build.name,
    command: process.execPath,
    args: [commandOf(...build.tool), ...build.args],
    env: { WRANGLER_SEND_METRICS: "false", NODE_ENV: "production", NO_COLOR: "1" },
    logFile,
    signal,
  });
  await writeFile(stamp, inputs);
  return true;
}

/** @returns what gives the lock back; the lock of a process that was killed is no lock */
async function lock(name: string, signal: AbortSignal): Promise<() => Promise<void>> {
  await mkdir(CACHE, { recursive: true });
  const file = join(CACHE, `${name.replaceAll(" ", "-")}.lock`);
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number(await readFile(file, "utf8").catch(() => ""));
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
    else await sleep(LOCK_POLL_MS, undefined, { signal });
  }
}

/** The script behind a package's command, run by our own Node: the machine's may be too old for it. */
function commandOf(packageName: string, command: string): string {
  const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
  const { bin } = createRequire(import.meta.url)(manifest) as { bin: string | Record<string, string> };
  const script = typeof bin === "string" ? bin : bin[command];
  return join(dirname(manifest), script ?? command);
}

async function hashOf(inputs: string[]): Promise<string> {
  const files = (await Promise.all(inputs.map((input) => filesUnder(join(ROOT, input))))).flat().sort();
  const hash = createHash("sha256");
  for (const file of files) {
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(await readFile(file))
      .update("\0");
  }
  return hash.digest("hex");
}

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => null);
  if (entries === null) return [path];
  const kept = entries.filter(({ name }) => !SKIPPED.has(name) && !/\.test\.tsx?$/.test(name) && !name.endsWith(".md"));
  return (await Promise.all(kept.map((entry) => filesUnder(join(path, entry.name))))).flat();
}
