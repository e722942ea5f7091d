/** One fault, some rounds of it, under traffic that never stops; then everything is counted. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Count, Fault, Rig, Seen } from "./fault.ts";
import { type MemoryOfOutage, memoryOfOutage } from "./memory.ts";
import { Traffic } from "./traffic.ts";
import { Watch } from "./watch.ts";

export interface Outcome extends Count {
  fault: string;
  rounds: number;
  /** With a 202. */
  batches: number;
  /** Good batches that never got a 202, though all was well again. */
  stranded: number;
  seen: Seen;
  /** What no client may see, and how often it was. */
  wrong: Record<string, number>;
  /** Whether clients saw of the fault what they must. */
  shown: boolean;
  /** Each round: from mending until the spool is empty and batches reach the stream, s. */
  recoverSeconds: number[];
  memory: MemoryOfOutage | null;
  remark: string | null;
}

export interface RunOptions {
  rounds: number;
  /** How long the fault holds in each round. */
  seconds: number;
  say?(line: string): void;
}

const WARM_BATCHES = 100;
/** And as long again as the fault held: it left as much more to be done. */
const RECOVERY_MS = 180_000;
const PATIENCE_MS = 60_000;

export async function run<R extends Rig>(fault: Fault<R>, rig: R, options: RunOptions): Promise<Outcome> {
  const traffic = new Traffic(rig.traffic);
  const watch = new Watch(rig, traffic);
  const say = (phase: string) => options.say?.(`${fault.name}: ${phase}`);
  const recoverSeconds: number[] = [];
  const recoveryMsMax = RECOVERY_MS + options.seconds * 1_000;
  try {
    for (let round = 1; round <= options.rounds; round++) {
      const of = options.rounds > 1 ? ` · round ${round} of ${options.rounds}` : "";
      await traffic.more(WARM_BATCHES);
      say(`${fault.what}${of}`);
      watch.holds(true);
      const until = Date.now() + options.seconds * 1_000;
      await fault.inject(rig, traffic, until);
      await sleep(Math.max(0, until - Date.now()));
      watch.holds(false);
      say(`mended${of}`);
      const mendedAt = Date.now();
      await fault.mend(rig, traffic);
      await recovered(rig, traffic, recoveryMsMax);
      recoverSeconds.push((Date.now() - mendedAt) / 1_000);
    }
    say("waiting for the last batches");
    await traffic.stop(PATIENCE_MS);
    await rig.caughtUp(recoveryMsMax);
    await watch.stop();
    say("counting");
    const count = await rig.count(traffic.sent);
    return {
      fault: fault.name,
      rounds: options.rounds,
      batches: traffic.sent.accepted.size,
      stranded: traffic.kept,
      ...count,
      seen: watch.seen,
      wrong: Object.fromEntries(traffic.wrong),
      shown: fault.shows(watch.seen),
      recoverSeconds,
      memory: fault.watchesMemory ? memoryOfOutage(watch.memory) : null,
      remark: fault.remark?.() ?? null,
    };
  } finally {
    await watch.stop();
    await traffic.stop(0);
  }
}

/** Nothing lost, doubled, or stored that should not be; no answer that may not be; and the fault was a fault. */
export function isKept({ lost, doubled, untrue, foreign, stranded, wrong, shown }: Outcome): boolean {
  const isTold = (untrue?.length ?? 0) === 0 && Object.keys(wrong).length === 0;
  return lost === 0 && !doubled && foreign === 0 && stranded === 0 && isTold && shown;
}

/** What was accepted has gone its way, and a batch that came after that has reached the stream. */
async function recovered(rig: Rig, traffic: Traffic, timeoutMs: number): Promise<void> {
  await rig.caughtUp(timeoutMs);
  const before = traffic.answers.stream;
  await traffic.until("a batch in the stream", () => traffic.answers.stream > before);
}
