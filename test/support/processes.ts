/** Processes as the system shows them: who belongs to a stack, who descends from whom. Linux's /proc, else ps. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Every living process that was started for this data folder: each inherits RRHOG_DATA or names the folder in its
 * arguments. What a supervisor should have ended and did not shows here, whoever its parent is by now.
 */
export function processesOf(dataDir: string): { pid: number; command: string }[] {
  if (!existsSync("/proc/self/stat")) return fromPs(dataDir);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({
      pid: Number(pid),
      command: proc(pid, "cmdline"),
      env: proc(pid, "environ"),
      stat: proc(pid, "stat"),
    }))
    .filter(({ stat }) => stateOf(stat) !== "Z")
    .filter(({ command, env }) => command.includes(dataDir) || env.includes(`RRHOG_DATA=${dataDir}`))
    .map(({ pid, command }) => ({ pid, command: command.replaceAll("\0", " ").trim() }));
}

/** A process and all that descend from it, parents first. */
export function processTree(root: number): number[] {
  const children = Map.groupBy(parents(), ({ parent }) => parent);
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []).map((child) => child.pid));
  return tree;
}

/** Sends a signal to each that is still there. */
export function signalEach(pids: readonly number[], signal: NodeJS.Signals) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself.
    }
  }
}

/** SIGSTOP, and resolves when each has come to a stop: the signal's sender is not made to wait for its threads. */
export async function freeze(pids: readonly number[]): Promise<void> {
  signalEach(pids, "SIGSTOP");
  for (const giveUpAt = Date.now() + 30_000; !pids.every(isStopped); await sleep(5)) {
    if (Date.now() > giveUpAt) throw new Error(`not all of ${pids.join(", ")} have stopped`);
  }
}

export function thaw(pids: readonly number[]): void {
  signalEach(pids, "SIGCONT");
}

/** True of a process that is gone, too. */
function isStopped(pid: number): boolean {
  if (!existsSync("/proc/self/stat")) return /^(T|$)/.test(execText("ps", ["-o", "state=", "-p", String(pid)]));
  const threads = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : [];
  return threads.every((thread) => /^[TZ]?$/.test(stateOf(proc(String(pid), `task/${thread}/stat`))));
}

function execText(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8" });
  } catch {
    return "";
  }
}

function parents(): { pid: number; parent: number }[] {
  const table = execFileSync("ps", ["-axo", "pid=,ppid="], { encoding: "utf8" });
  return table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0]) => ({ pid, parent }));
}

function proc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** The third field of /proc/PID/stat; the second, in parentheses, may hold anything. */
function stateOf(stat: string): string {
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
}

function fromPs(dataDir: string): { pid: number; command: string }[] {
  const table = execFileSync("ps", ["-axEo", "pid=,command="], { encoding: "utf8", maxBuffer: 1 << 26 });
  return table
    .trim()
    .split("\n")
    .filter((line) => line.includes(dataDir))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line }))
    .filter(({ pid }) => pid !== process.pid);
}
