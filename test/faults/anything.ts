/** What nobody has thought of: any one or two parts, killed or frozen, at any moment. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Part } from "#cli/addresses.ts";
import type { Fault } from "./fault.ts";
import { Random } from "./random.ts";
import type { StackRig } from "./stack-rig.ts";

const PARTS = ["worker", "nats", "clickhouse", "postgres", "edge"] as const satisfies Part[];
/** After the first of two, the second meets it dead, frozen, starting, or back. */
const WITHIN_MS = 3_000;
/** Longer than the edge waits for a PubAck, and than the worker's first pauses. */
const FROZEN_MS = { least: 100, most: 5_000 };

interface Blow {
  part: Part;
  /** After the round's begin. */
  atMs: number;
  /** Killed, if null. */
  frozenMs: number | null;
}

/**
 * @param seed the same one does the same to the same parts, round by round; when that meets a batch, nobody can repeat
 * @param timesARound the later ones meet a system that has not recovered
 */
export function anything(seed: number, timesARound = 1): Fault<StackRig> {
  const random = new Random(seed);
  const rounds: string[] = [];
  let kills = 0;
  return {
    name: "anything",
    what: "one or two parts, killed or frozen at random",
    rounds: 10,
    seconds: 0,
    // Some rounds are felt and some are not.
    shows: () => true,
    remark: () => `seed ${seed}, ${kills} kills: ${rounds.join(" · ")}`,
    async inject(rig) {
      for (let time = 0; time < timesARound; time++) {
        const blows = blowsOf(random);
        rounds.push(blows.map(asText).join(", "));
        kills += blows.filter(({ frozenMs }) => frozenMs === null).length;
        await Promise.all(blows.map((blow) => deal(rig, blow)));
      }
    },
    mend: async (rig) => rig.thaw(),
  };
}

function blowsOf(random: Random): Blow[] {
  const parts = random.pick(PARTS, random.next() < 0.5 ? 1 : 2);
  return parts.map((part) => ({
    part,
    atMs: Math.round(random.between(0, WITHIN_MS)),
    frozenMs: random.next() < 0.5 ? null : Math.round(random.between(FROZEN_MS.least, FROZEN_MS.most)),
  }));
}

async function deal(rig: StackRig, { part, atMs, frozenMs }: Blow): Promise<void> {
  await sleep(atMs);
  if (frozenMs === null) return rig.kill(part);
  await rig.freeze(part);
  await sleep(frozenMs);
  rig.thaw(part);
}

function asText({ part, atMs, frozenMs }: Blow): string {
  return `${part} ${frozenMs === null ? "killed" : `frozen for ${frozenMs} ms`} at ${atMs} ms`;
}
