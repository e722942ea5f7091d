/**
 * A disk that one process and its children see and nobody else, and that can be made full: a tmpfs in a mount namespace
 * of its own, which ends with them. Nothing is mounted on the machine, and no privilege is needed where user namespaces
 * are allowed.
 */
import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { NotPossibleHere } from "./fault.ts";

const NAMESPACE = ["--user", "--map-root-user", "--mount"];
/** Of what is written only; nats-server wants to see three quarters of it free for the stream's `max_bytes`. */
const ROOMY = "32g";
/** Others write meanwhile, and a disk cannot be made smaller than what it holds. */
const FILL_TRIES = 100;

/** @returns the command that runs `command` with a disk of its own at `folder`; it becomes that process */
export function onOwnDisk(folder: string, command: string, args: string[]): [string, string[]] {
  const script = `mount -t tmpfs -o size=${ROOMY} tmpfs "$0" && exec "$@"`;
  return ["unshare", [...NAMESPACE, "sh", "-c", script, folder, command, ...args]];
}

/** @throws NotPossibleHere where the system does not let us */
export function assertOwnDisksPossible(folder: string): void {
  try {
    execFileSync(...onOwnDisk(folder, "true", []), { stdio: "pipe" });
  } catch {
    throw new NotPossibleHere("mounting a tmpfs in a user namespace is not permitted");
  }
}

/** `folder` as `pid` sees it. */
export function seenBy(pid: number, folder: string): string {
  return join("/proc", String(pid), "root", folder);
}

/** Makes the disk that `pid` sees at `folder` no larger than what lies on it, and so many bytes more. */
export function leaveRoom(pid: number, folder: string, bytes: number): void {
  for (let tries = 1; ; tries++) {
    const { blocks, bfree, bsize } = statfsSync(seenBy(pid, folder));
    try {
      resize(pid, folder, String((blocks - bfree) * bsize + bytes));
      return;
    } catch (error) {
      if (tries === FILL_TRIES) throw error;
    }
  }
}

export function fill(pid: number, folder: string): void {
  leaveRoom(pid, folder, 0);
}

export function makeRoom(pid: number, folder: string): void {
  resize(pid, folder, ROOMY);
}

function resize(pid: number, folder: string, size: string): void {
  const enter = ["--user", "--mount", "--preserve-credentials", "--target", String(pid)];
  execFileSync("nsenter", [...enter, "mount", "-o", `remount,size=${size}`, folder], { stdio: "pipe" });
}
