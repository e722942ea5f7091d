import { readFileSync } from "node:fs";

/** Linux's clock tick, in which /proc counts processor time. */
const TICK_MS = 10;

/** Processor time that a process has used, all threads, ms. Linux only. */
export function cpuMs(pid: number): number {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) * TICK_MS;
}
