/** What may happen behind the stream, and to all at once. What is counted is what a reader gets. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Seen } from "./fault.ts";
import type { StackRig } from "./stack-rig.ts";
import type { Traffic } from "./traffic.ts";

/** Behind the stream nobody in front of it feels anything. */
const unfelt = (seen: Seen) => seen.refused === 0 && seen.unanswered === 0;
const unanswered = (seen: Seen) => seen.unanswered > 0;
/** Batches between one kill and the next. */
const BETWEEN_KILLS = 30;
/** Too little for ClickHouse to begin anything, and enough for all else. */
const LITTLE_ROOM_BYTES = 200_000_000;
const LITTLE_ROOM_MS = 2_000;
/** Each recorder has met it. */
const REFUSED_BY_FULL_DISK = 20;

export interface StackFault extends Fault<StackRig> {
  /** It takes a stack whose data folder is a disk of its own. */
  ownDisk?: true;
}

export const STACK_FAULTS: StackFault[] = [
  {
    name: "worker-killed",
    what: "the worker is killed in the middle of its work, again and again",
    shows: unfelt,
    inject: (rig, traffic, until) => killAgainAndAgain(rig, traffic, until, "worker"),
    mend: async () => {},
  },
  {
    name: "clickhouse-frozen",
    what: "ClickHouse gets SIGSTOP: inserts hang",
    shows: unfelt,
    inject: (rig) => rig.freeze("clickhouse"),
    mend: async (rig) => rig.thaw(),
  },
  {
    name: "clickhouse-killed",
    what: "ClickHouse is killed during inserts, again and again",
    shows: unfelt,
    inject: (rig, traffic, until) => killAgainAndAgain(rig, traffic, until, "clickhouse"),
    mend: async () => {},
  },
  {
    name: "postgres-frozen",
    what: "Postgres gets SIGSTOP: claims hang",
    shows: unfelt,
    inject: (rig) => rig.freeze("postgres"),
    mend: async (rig) => rig.thaw(),
  },
  {
    name: "postgres-killed",
    what: "Postgres is killed, again and again",
    shows: unfelt,
    inject: (rig, traffic, until) => killAgainAndAgain(rig, traffic, until, "postgres"),
    mend: async () => {},
  },
  {
    name: "databases-and-worker-killed",
    what: "ClickHouse, Postgres and the worker are killed at once",
    shows: unfelt,
    inject: (rig) => rig.kill("clickhouse", "postgres", "worker"),
    mend: async () => {},
  },
  {
    name: "everything-killed",
    what: "edge, NATS, worker and both databases are killed at once",
    shows: unanswered,
    inject: (rig) => rig.kill("edge", "nats", "worker", "clickhouse", "postgres"),
    mend: async () => {},
  },
  {
    name: "two-workers",
    what: "two workers share the consumer, and either is killed, again and again",
    seconds: 10,
    shows: unfelt,
    async inject(rig, traffic, until) {
      await rig.secondWorker.start();
      do {
        await traffic.more(BETWEEN_KILLS);
        await rig.secondWorker.kill();
        await rig.secondWorker.start();
        await traffic.more(BETWEEN_KILLS);
        await rig.kill("worker");
      } while (Date.now() < until);
    },
    mend: async () => {},
  },
  {
    name: "full-disk",
    what: "the disk of all data has no room: 503; what was accepted is loaded when there is room",
    ownDisk: true,
    shows: (seen) => seen.refused > 0,
    async inject(rig, traffic) {
      // As disks do: over some time. ClickHouse stops first (stack/engines/clickhouse-sessions.ts), the others at the end.
      rig.disk.leaveRoom(LITTLE_ROOM_BYTES);
      await sleep(LITTLE_ROOM_MS);
      await rig.mergesEnded();
      rig.disk.fill();
      const enough = traffic.answers.refused + REFUSED_BY_FULL_DISK;
      await traffic.until("503s", () => traffic.answers.refused >= enough);
    },
    mend: async (rig) => rig.disk.makeRoom(),
  },
];

async function killAgainAndAgain(
  rig: StackRig,
  traffic: Traffic,
  until: number,
  part: "worker" | "clickhouse" | "postgres",
): Promise<void> {
  do {
    await traffic.more(BETWEEN_KILLS);
    await rig.kill(part);
  } while (Date.now() < until);
}
