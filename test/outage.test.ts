import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Part } from "#cli/addresses.ts";
import { anything } from "./faults/anything.ts";
import { run } from "./faults/run.ts";
import { openStackRig } from "./faults/stack-rig.ts";
import { freeze, processTree, thaw } from "./support/processes.ts";
import { type RunningStack, startStack } from "./support/running-stack.ts";
import { type Attempt, expectEachAcceptedOnce, startTraffic, type Traffic } from "./support/traffic.ts";

/** Two minutes is the contract (`RRHOG_OUTAGE_SECONDS=120`); what can break breaks within seconds. */
const OUTAGE_MS = Number(process.env.RRHOG_OUTAGE_SECONDS ?? "6") * 1_000;

/** Of what is done at random here: other ones are for `npm run faults -- anything`. */
const SEED = 42;

let stack: RunningStack;
let traffic: Traffic;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(async () => {
  await traffic?.stop();
  await stack?.stop();
});

/** Visitors come before, during and after `what`. */
async function underTraffic(what: () => Promise<void>): Promise<Attempt[]> {
  traffic = startTraffic(stack);
  await traffic.more(20);
  await what();
  await traffic.more(20);
  return traffic.stop();
}

async function killed(part: Part) {
  const pid = await stack.pidOf(part);
  process.kill(pid, "SIGKILL");
  await vi.waitUntil(async () => (await stack.pidOf(part).catch(() => pid)) !== pid, { timeout: 60_000 });
}

const statuses = (attempts: Attempt[]) => [...new Set(attempts.map(({ status }) => status))].sort();

describe("what had its 202 is stored once", () => {
  it("though ClickHouse and Postgres are frozen, and the 202s go on meanwhile", { timeout: 600_000 }, async () => {
    const attempts = await underTraffic(async () => {
      const frozen = [await stack.pidOf("clickhouse"), await stack.pidOf("postgres")].flatMap(processTree);
      await freeze(frozen);
      try {
        await sleep(OUTAGE_MS);
      } finally {
        thaw(frozen);
      }
    });
    expect(statuses(attempts)).toEqual([202]);
    await expectEachAcceptedOnce(stack, traffic);
  });

  it("though ClickHouse and Postgres are killed, and the 202s go on meanwhile", async () => {
    const attempts = await underTraffic(async () => {
      await Promise.all([killed("clickhouse"), killed("postgres")]);
    });
    expect(statuses(attempts)).toEqual([202]);
    await expectEachAcceptedOnce(stack, traffic);
  });

  it("though the worker is killed in the middle of its work, twice", async () => {
    const attempts = await underTraffic(async () => {
      await killed("worker");
      await traffic.more(10);
      await killed("worker");
    });
    expect(statuses(attempts)).toEqual([202]);
    await expectEachAcceptedOnce(stack, traffic);
  });

  it("though NATS is killed: the edge spools, and drains when it is back", async () => {
    const attempts = await underTraffic(async () => {
      await killed("nats");
      await vi.waitUntil(() => traffic.attempts.at(-1)?.status === 202, { timeout: 60_000 });
    });
    expect(statuses(attempts)).toEqual([202]);
    await expectEachAcceptedOnce(stack, traffic);
  });

  it("though NATS is frozen and the edge is killed: what was spooled is on disk", async () => {
    const attempts = await underTraffic(async () => {
      const nats = [await stack.pidOf("nats")];
      await freeze(nats);
      try {
        await traffic.more(20);
        await killed("edge");
        await vi.waitUntil(() => traffic.attempts.at(-1)?.status === 202, { timeout: 60_000 });
      } finally {
        thaw(nats);
      }
    });
    expect(statuses(attempts).filter((status) => ![0, 202, 503].includes(status))).toEqual([]);
    await expectEachAcceptedOnce(stack, traffic);
  });

  it("though the edge is killed: an attempt without an answer is stored at most once", async () => {
    const attempts = await underTraffic(async () => {
      await killed("edge");
      await vi.waitUntil(() => traffic.attempts.at(-1)?.status === 202, { timeout: 60_000 });
    });
    expect(statuses(attempts).filter((status) => ![0, 202, 503].includes(status))).toEqual([]);
    await expectEachAcceptedOnce(stack, traffic);
  });

  it("though the API is frozen and the edge is killed: the registry still knows the key", async () => {
    const attempts = await underTraffic(async () => {
      const api = [await stack.pidOf("api")].flatMap(processTree);
      await freeze(api);
      try {
        await killed("edge");
        const before = traffic.attempts.length;
        const isTaken = () => traffic.attempts.slice(before).some(({ status }) => status === 202);
        await vi.waitUntil(isTaken, { timeout: 60_000 });
      } finally {
        thaw(api);
      }
    });
    expect(statuses(attempts).filter((status) => ![0, 202, 503].includes(status))).toEqual([]);
    await expectEachAcceptedOnce(stack, traffic);
  });

  it(`whichever parts are killed or frozen at whatever moment (seed ${SEED})`, async () => {
    const rig = await openStackRig(stack);
    try {
      const outcome = await run(anything(SEED, 6), rig, { rounds: 1, seconds: 0 });
      const kept = { lost: 0, doubled: 0, untrue: [], foreign: 0, stranded: 0, wrong: {} };
      expect(outcome, outcome.remark ?? "").toMatchObject(kept);
      expect(outcome.batches).toBeGreaterThan(0);
    } finally {
      await rig.stop();
    }
  });
});
