/** What the system knows of processes: from /proc on Linux, from ps and lsof on macOS. */
import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const LINUX = process.platform === "linux";

/** Ticks of the kernel's clock in a second, as /proc counts; 100 on every Linux that Node runs on. */
const TICKS = 100;

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The command line, and when the process was born (ms since 1970, to the second); null when there is none. */
export async function describeProcess(pid: number): Promise<{ command: string; bornMs: number } | null> {
  try {
    if (!LINUX) {
      const { stdout } = await run("ps", ["-o", "lstart=,command=", "-p", String(pid)], { env: { LC_ALL: "C" } });
      const [, born = "", command = ""] = /^(\w+ \w+ +\d+ [\d:]+ \d+)\s+(.*)/.exec(stdout.trim()) ?? [];
      return { command, bornMs: Date.parse(born) };
    }
    const [command, stat, kernel] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      readStat(pid),
      readFile("/proc/stat", "utf8"),
    ]);
    const bootSeconds = Number(/^btime (\d+)/m.exec(kernel)?.[1]);
    const bornMs = (bootSeconds + Number(stat[START_TIME]) / TICKS) * 1_000;
    return { command: command.replaceAll("\0", " ").trim(), bornMs };
  } catch {
    return null;
  }
}

/** Who listens on a port of this machine, as `pid 4121 (node)`; null where the system does not tell us. */
export async function portOwner(port: number): Promise<string | null> {
  try {
    return LINUX ? await portOwnerByProc(port) : await portOwnerByLsof(port);
  } catch {
    return null;
  }
}

/** Proportional memory of these processes and all they have started, bytes; resident memory where there is no PSS. */
export async function memoryOf(pids: readonly number[]): Promise<Map<number, number>> {
  const parents = await parentsOfAll();
  const totals = new Map<number, number>(pids.map((pid) => [pid, 0]));
  await Promise.all(
    [...parents.keys()].map(async (pid) => {
      let root: number | undefined = pid;
      while (root !== undefined && !totals.has(root)) root = parents.get(root);
      if (root === undefined) return;
      const bytes = await memoryOfOne(pid);
      totals.set(root, (totals.get(root) ?? 0) + bytes);
    }),
  );
  return totals;
}

const STATE_FIELDS_START = 3; // the fields after `pid (name)`, whose name may hold spaces
const PARENT = 4 - STATE_FIELDS_START;
const START_TIME = 22 - STATE_FIELDS_START;

async function readStat(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

async function parentsOfAll(): Promise<Map<number, number>> {
  if (!LINUX) {
    const { stdout } = await run("ps", ["-axo", "pid=,ppid="]);
    return new Map(stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
  }
  const parents = new Map<number, number>();
  await Promise.all(
    (await processIds()).map(async (pid) => {
      const stat = await readStat(pid).catch(() => null);
      if (stat !== null) parents.set(pid, Number(stat[PARENT]));
    }),
  );
  return parents;
}

async function memoryOfOne(pid: number): Promise<number> {
  if (!LINUX) {
    const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]).catch(() => ({ stdout: "0" }));
    return Number(stdout) * 1024;
  }
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024;
}

async function processIds(): Promise<number[]> {
  return (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
}

async function portOwnerByProc(port: number): Promise<string | null> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
  );
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const LISTEN = "0A";
  const rows = tables.flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)));
  const row = rows.find((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === LISTEN);
  const inode = row?.[9];
  if (inode === undefined) return null;
  for (const pid of await processIds()) {
    const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const handle of handles) {
      const target = await readlink(`/proc/${pid}/fd/${handle}`).catch(() => "");
      if (target !== `socket:[${inode}]`) continue;
      const name = await readFile(`/proc/${pid}/comm`, "utf8");
      return `pid ${pid} (${name.trim()})`;
    }
  }
  return null;
}

async function portOwnerByLsof(port: number): Promise<string | null> {
  const { stdout } = await run("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]);
  const [, pid, name] = /p(\d+)\nc(.*)/.exec(stdout) ?? [];
  return pid === undefined ? null : `pid ${pid} (${name})`;
}
