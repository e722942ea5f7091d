/** What may happen behind the stream, and to all at once. What is counted is what a reader gets. */
import type { Fault, Seen } from "./fault.ts";
import type { StackRig } from "./stack-rig.ts";
import type { Traffic } from "./traffic.ts";

/** Behind the stream nobody in front of it feels anything. */
const unfelt = (seen: Seen) => seen.refused === 0 && seen.unanswered === 0;
const unanswered = (seen: Seen) => seen.unanswered > 0;
/** Batches between one kill and the next. */
const BETWEEN_KILLS = 30;

export const STACK_FAULTS: Fault<StackRig>[] = [
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
