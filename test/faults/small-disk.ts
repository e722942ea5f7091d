/**
 * A disk of a few megabytes that one process sees and nobody else: a tmpfs in a mount namespace of its own, which ends
 * with the process. Nothing is mounted on the machine, and no privilege is needed where user namespaces are allowed.
 */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { NotPossibleHere } from "./fault.ts";

const NAMESPACE = ["--user", "--map-root-user", "--mount"];
const FILLER = "filler";
const CHUNKS = [1 << 20, 1 << 12];

/** @returns the command that runs `command` with a disk of `bytes` at `folder`; it becomes that process */
export function onSmallDisk(folder: string, bytes: number, command: string, args: string[]): [string, string[]] {
  const script = `mount -t tmpfs -o size=${bytes} tmpfs "$0" && exec "$@"`;
  return ["unshare", [...NAMESPACE, "sh", "-c", script, folder, command, ...args]];
}

/** @throws NotPossibleHere where the system does not let us */
export function assertSmallDisksPossible(folder: string): void {
  try {
    execFileSync(...onSmallDisk(folder, 1 << 20, "true", []), { stdio: "pipe" });
  } catch {
    throw new NotPossibleHere("mounting a tmpfs in a user namespace is not permitted");
  }
}

/** Takes all the room that is left on the disk that `pid` sees at `folder`. */
export function fill(pid: number, folder: string): void {
  const file = openSync(fillerOf(pid, folder), "a");
  try {
    for (const bytes of CHUNKS) writeUntilFull(file, Buffer.alloc(bytes, 1));
  } finally {
    closeSync(file);
  }
}

export function makeRoom(pid: number, folder: string): void {
  rmSync(fillerOf(pid, folder), { force: true });
}

function fillerOf(pid: number, folder: string): string {
  return join(`/proc/${pid}/root`, folder, FILLER);
}

function writeUntilFull(file: number, chunk: Buffer): void {
  try {
    while (writeSync(file, chunk) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
