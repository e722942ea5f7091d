/**
 * What may happen to the edge and to what it stands on. "No leader" is not among them: one server is its own leader, and
 * a stream without one takes three servers; to the edge it is a publish without an answer, as with a frozen server.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { EdgeRig, EdgeRigOptions } from "./edge-rig.ts";
import type { Fault, Seen } from "./fault.ts";
import type { Answers, Traffic } from "./traffic.ts";
import { within } from "./within.ts";

export interface EdgeFault extends Fault<EdgeRig> {
  rig?: EdgeRigOptions;
}

const spooled = (seen: Seen) => seen.spooled > 0;
const unanswered = (seen: Seen) => seen.unanswered > 0;

/** Batches between one kill and the next: it dies at work, not at rest. */
const BETWEEN_KILLS = 40;
/** Of PubAcks, three times the budget. */
const SLOW_MS = 3_000;
/** A sixtieth of what comes. */
const THIN_BYTES_PER_SECOND = 100_000;
const FRAME_BYTES_MAX = 60_000;
/** More than one look at the relay lasts until they are drained. */
const SPOOLED_TO_DRAIN = 1_000;
const MOVE_MS_MAX = 30_000;

export const EDGE_FAULTS: EdgeFault[] = [
  {
    name: "nats-frozen",
    what: "nats-server gets SIGSTOP: its sockets stay open and nothing answers",
    shows: spooled,
    async inject(rig, traffic) {
      await rig.nats.freeze();
      await answered(traffic, "spool");
    },
    mend: async (rig) => rig.nats.thaw(),
  },
  {
    name: "nats-killed",
    what: "nats-server is killed (-9) and started again",
    shows: spooled,
    async inject(rig, traffic) {
      await rig.nats.kill();
      await answered(traffic, "spool");
    },
    mend: (rig) => rig.nats.start(),
  },
  {
    name: "nats-and-edge-killed",
    what: "nats-server is killed, and workerd with what it has spooled, again and again",
    shows: (seen) => spooled(seen) && unanswered(seen),
    async inject(rig, traffic, until) {
      await rig.nats.kill();
      await killAgainAndAgain(rig, traffic, until);
    },
    mend: (rig) => rig.nats.start(),
  },
  {
    name: "edge-killed",
    what: "workerd is killed and started, again and again, with publishes under way",
    shows: unanswered,
    inject: killAgainAndAgain,
    mend: (rig) => rig.edge.start(),
  },
  {
    name: "edge-killed-while-draining",
    what: "nats-server was away; workerd is killed while it brings what it has spooled",
    shows: (seen) => spooled(seen) && unanswered(seen),
    async inject(rig, traffic, until) {
      await rig.nats.kill();
      await sleep(Math.max(0, until - Date.now()));
      await traffic.more(BETWEEN_KILLS);
    },
    async mend(rig) {
      await rig.nats.start();
      for (let kill = 0; kill < 3; kill++) {
        await spoolMoves(rig);
        await rig.edge.kill();
        await rig.edge.start();
      }
    },
  },
  {
    name: "drain-beside-traffic",
    what: "after an outage what was spooled is drained beside live batches, which go to the stream meanwhile",
    seconds: 10,
    shows: (seen) => spooled(seen) && seen.streamedBesideSpool > 0,
    async inject(rig, traffic) {
      await rig.nats.kill();
      await answered(traffic, "spool", SPOOLED_TO_DRAIN);
    },
    mend: (rig) => rig.nats.start(),
  },
  {
    name: "stream-full",
    what: "the stream reaches its max_bytes, and gets room again",
    shows: spooled,
    async inject(rig, traffic) {
      await rig.stream.leaveRoom(1_000_000);
      await answered(traffic, "spool");
    },
    mend: (rig) => rig.stream.makeRoom(),
  },
  {
    name: "stream-deleted",
    what: "the stream is deleted (what was in it has been read) and made anew",
    shows: spooled,
    async inject(rig, traffic) {
      await rig.stream.readAndDelete();
      await answered(traffic, "spool");
    },
    mend: (rig) => rig.stream.make(),
  },
  {
    name: "credentials-wrong",
    what: "nats-server comes back with another password for the edge, and then with the right one",
    shows: spooled,
    async inject(rig, traffic) {
      await restartWithPassword(rig, "another-password");
      await answered(traffic, "spool");
    },
    mend: (rig) => restartWithPassword(rig, null),
  },
  {
    name: "frame-cut",
    what: "the connection breaks in the middle of a frame, again and again",
    shows: spooled,
    async inject(rig, traffic, until) {
      do {
        rig.link.cutAfter(1 + Math.floor(Math.random() * FRAME_BYTES_MAX));
        await traffic.more(BETWEEN_KILLS);
      } while (Date.now() < until);
    },
    mend: async (rig) => rig.link.cutAfter(null),
  },
  {
    name: "black-hole",
    what: "packets between edge and nats-server are dropped: sockets stay open, nothing passes; then all of it does",
    shows: spooled,
    async inject(rig, traffic) {
      rig.link.swallow();
      await answered(traffic, "spool");
    },
    mend: async (rig) => rig.link.pass(),
  },
  {
    name: "pubacks-slow",
    what: "each PubAck takes three times the budget: the breaker opens",
    seconds: 8,
    shows: (seen) => spooled(seen) && seen.breakerOpened,
    async inject(rig) {
      rig.link.pubAckDelayMs = SLOW_MS;
      await within(MOVE_MS_MAX, "the breaker open", async () => {
        const health = await rig.health();
        return { done: health?.breakerOpen ?? false, now: JSON.stringify(health) };
      });
    },
    async mend(rig) {
      rig.link.pubAckDelayMs = 0;
    },
  },
  {
    name: "link-thin",
    what: "the way to nats-server carries a small part of what comes",
    shows: spooled,
    async inject(rig, traffic) {
      rig.link.bytesPerSecond = THIN_BYTES_PER_SECOND;
      await answered(traffic, "spool");
    },
    async mend(rig) {
      rig.link.bytesPerSecond = null;
    },
  },
  {
    name: "spool-full",
    what: "nats-server is away until the spool (SPOOL_BYTES_MAX) is full as well: 503 with Retry-After",
    rig: { spoolBytesMax: 4_000_000 },
    shows: (seen) => spooled(seen) && seen.refused > 0,
    async inject(rig, traffic) {
      await rig.nats.kill();
      await answered(traffic, "refused");
    },
    mend: (rig) => rig.nats.start(),
  },
  {
    name: "disk-full",
    what: "nats-server is away and the disk of the spool has no room: 503; it serves again when there is room",
    rig: { ownDisk: true },
    shows: (seen) => spooled(seen) && seen.refused > 0,
    async inject(rig, traffic) {
      await rig.nats.kill();
      await traffic.more(BETWEEN_KILLS);
      rig.disk.fill();
      await answered(traffic, "refused");
    },
    async mend(rig, traffic) {
      rig.disk.makeRoom();
      // From the spool, before there is a stream again.
      await traffic.more(BETWEEN_KILLS);
      await rig.nats.start();
    },
  },
  {
    name: "core-silent",
    what: "the core takes questions and answers none: known keys go on, unknown ones get 503, never 401",
    // Longer than an answer of the core is fresh.
    seconds: 35,
    shows: (seen) => seen.uncheckable > 0,
    async inject(rig, traffic) {
      rig.core.mode = "slow";
      await answered(traffic, "uncheckable");
    },
    async mend(rig) {
      rig.core.mode = "ok";
    },
  },
  {
    name: "long-outage",
    what: "nats-server is away for long under traffic: what workerd holds in memory stays flat",
    seconds: 60,
    watchesMemory: true,
    shows: spooled,
    async inject(rig, traffic) {
      await rig.nats.kill();
      await answered(traffic, "spool");
    },
    mend: (rig) => rig.nats.start(),
  },
];

async function killAgainAndAgain(rig: EdgeRig, traffic: Traffic, until: number): Promise<void> {
  do {
    await traffic.more(BETWEEN_KILLS);
    await rig.edge.kill();
    await rig.edge.start();
  } while (Date.now() < until);
  await traffic.more(BETWEEN_KILLS);
}

async function restartWithPassword(rig: EdgeRig, password: string | null): Promise<void> {
  rig.nats.setEdgePassword(password);
  await rig.nats.kill();
  await rig.nats.start();
}

/** Until it is felt: on a busy machine it may hold for its seconds and meet nobody. */
async function answered(traffic: Traffic, kind: keyof Answers, times = 1): Promise<void> {
  const enough = traffic.answers[kind] + times;
  await traffic.until(`${times} more ${kind}`, () => traffic.answers[kind] >= enough);
}

/** Until the drain has brought something, or everything. */
async function spoolMoves(rig: EdgeRig): Promise<void> {
  const before = (await rig.health())?.spooledBatches ?? 0;
  await within(MOVE_MS_MAX, "the spool drained", async () => {
    const batches = (await rig.health())?.spooledBatches ?? null;
    return { done: batches !== null && (batches === 0 || batches < before), now: `${batches} batches` };
  });
}
