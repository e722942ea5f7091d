/** Worker processes that drain what the stream holds. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Launched, launch } from "#stack/engines/engine.ts";
import type { Rig, Storage } from "./rig.ts";

/** As it is deployed. */
export const WORKER = new URL("../../core/worker/main.ts", import.meta.url).pathname;
export const NAIVE_WORKER = new URL("naive-worker.ts", import.meta.url).pathname;

/** Each look is work for the processors that are measured. */
const LOOK_MS = 50;

export interface Drain {
  /** From the first message that was handed out to the last acknowledgement. */
  seconds: number;
  /** Of processor time: all workers, from their start on. */
  workerCpu: number;
  clickhouseCpu: number;
}

/** What is seen of a drain while it goes on. */
export interface Look {
  /** Messages that are not acknowledged. */
  left: number;
  pid: number;
}

/** @param program each of the `count` workers runs it */
export async function drain(
  rig: Rig,
  { clickhouseUrl, postgresUrl }: Storage,
  { program, count }: { program: string; count: number },
  look: (seen: Look) => void = () => undefined,
): Promise<Drain> {
  const env = {
    CLICKHOUSE_URL: clickhouseUrl,
    POSTGRES_URL: postgresUrl,
    NATS_URL: rig.natsUrl,
    WORKER_PORT: "0",
    LOG_LEVEL: "warn",
  };
  const whole = (await rig.left()).undelivered;
  const clickhouseBefore = cpuSeconds(rig.clickhousePid);
  const name = `worker-${randomUUID()}`;
  const start = (_: unknown, n: number) =>
    launch({ name, command: process.execPath, args: [program], env, logFile: join(rig.folder, `${name}-${n}.log`) });
  const workers = await Promise.all(Array.from({ length: count }, start));
  let ended: Launched | null = null;
  for (const worker of workers) void worker.exited.then(() => (ended = worker));
  try {
    for (let began = Number.NaN; ; await sleep(LOOK_MS)) {
      if (ended) throw new Error(`a worker ended: ${(ended as Launched).printed().slice(-500)}`);
      const { unacknowledged, undelivered } = await rig.left();
      if (Number.isNaN(began) && undelivered < whole) began = performance.now();
      look({ left: unacknowledged, pid: workers[0]?.pid ?? 0 });
      if (unacknowledged > 0) continue;
      return {
        seconds: (performance.now() - began) / 1_000,
        workerCpu: workers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
        clickhouseCpu: cpuSeconds(rig.clickhousePid) - clickhouseBefore,
      };
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** `getconf CLK_TCK`: 100 on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/** Of processor time since the process began, its own and the kernel's for it (proc_pid_stat(5), utime and stime). */
export function cpuSeconds(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? "";
  const [user, system] = afterName.split(" ").slice(11, 13);
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
}
