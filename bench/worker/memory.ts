/** What the worker's memory does while a large backlog drains, with one batch of 30 MiB in the middle. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Figure, Progress } from "../figure.ts";
import { BATCHES_A_MESSAGE, messagesOf, type Sealed, sealLarge, streamed, streamedBatch } from "./backlog.ts";
import { expectLoaded } from "./drain.ts";
import type { Rig } from "./rig.ts";
import { drain, WORKER } from "./workers.ts";

const GOAL = 1.2;
const QUARTERS = 4;
const LARGE_BYTES = 30 * 1024 * 1024;

/** @param count of batches, other than the large one */
export async function memoryFigure(
  rig: Rig,
  stretches: readonly Sealed[],
  count: number,
  progress: Progress,
): Promise<Figure> {
  const large = await sealLarge(LARGE_BYTES);
  progress(`worker: memory, publishing ${count} batches`);
  await rig.fillStream(messages());
  const whole = (await rig.left()).undelivered;
  const storage = await rig.openStorage();
  /** MB, the most of each quarter of the messages. */
  const most = Array.from({ length: QUARTERS }, () => 0);
  const { seconds } = await drain(rig, storage, { program: WORKER, count: 1 }, ({ left, pid }) => {
    const quarter = Math.min(QUARTERS - 1, Math.floor(((whole - left) / whole) * QUARTERS));
    if (most[quarter] === 0) progress(`worker: memory, quarter ${quarter + 1} of ${QUARTERS}`);
    most[quarter] = Math.max(most[quarter] ?? 0, residentMb(pid));
  });
  await expectLoaded(storage, count + 1);
  await storage.drop();
  return {
    bench: "worker.memory",
    ratio: (most[3] ?? Number.NaN) / (most[1] ?? Number.NaN),
    goal: GOAL,
    better: "lower",
    detail:
      `most resident memory in each quarter of ${count} batches (${Math.round(seconds)} s): ${most.map(Math.round).join(", ")} MB; ` +
      `a batch of ${Math.round(large.events.byteLength / 2 ** 20)} MiB, ${(large.body.byteLength / 2 ** 20).toFixed(1)} as sent, in the third was loaded`,
  };

  function* messages(): Generator<Uint8Array> {
    const half = Math.floor(count / 2);
    yield* messagesOf(streamed(stretches, half), BATCHES_A_MESSAGE);
    const facts = { session_id: randomUUID(), window_id: randomUUID(), seq: 0, end: true };
    yield* messagesOf([streamedBatch(large, facts)], 1);
    yield* messagesOf(streamed(stretches, count - half), BATCHES_A_MESSAGE);
  }
}

function residentMb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}
