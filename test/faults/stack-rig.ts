/** The whole stack as `npm start` brings it up, read back by the API. */
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Part } from "#cli/addresses.ts";
import { startWorker, type WorkerProcess } from "#core/worker/testing/worker-process.ts";
import { CONSUMER, STREAM } from "#protocol/subject.ts";
import { isAlive } from "#stack/processes.ts";
import { freeze, processTree, signalEach, thaw } from "../support/processes.ts";
import { type RunningStack, startStack } from "../support/running-stack.ts";
import { madeUpSessions } from "./contents.ts";
import { countReads } from "./count-reads.ts";
import type { Rig } from "./fault.ts";
import { readHealth, spoolEmpty } from "./health.ts";
import { assertOwnDisksPossible, fill, leaveRoom, makeRoom, onOwnDisk } from "./own-disk.ts";
import { recordedSessions } from "./recorded-sessions.ts";
import { readSession, type SessionRead } from "./session-read.ts";
import { within } from "./within.ts";

export interface StackRig extends Rig {
  /** kill -9; resolves when the supervisor has started another. */
  kill(...parts: Part[]): Promise<void>;
  /** Parts and all that they have started. */
  freeze(...parts: Part[]): Promise<void>;
  /** What was frozen of these; of all, without any. */
  thaw(...parts: Part[]): void;
  /** A worker beside the stack's own, on the same stream. Nobody starts it again. */
  secondWorker: {
    /** Resolves when it serves. */
    start(): Promise<void>;
    /** kill -9; resolves when it has gone. */
    kill(): Promise<void>;
  };
  /** Resolves when ClickHouse merges nothing. */
  mergesEnded(): Promise<void>;
  /** Of a stack whose data folder is a disk of its own. */
  disk: { leaveRoom(bytes: number): void; fill(): void; makeRoom(): void };
}

/** Of the embedded stack. */
const KEYS = { write: "dev_write_123", read: "dev_read_123" };
const PROJECT_ID = 1;
const RESTART_MS_MAX = 60_000;
const READ_MS_MAX = 120_000;
const POLL_MS = 100;
/** What a stack on a small machine loads as fast as it comes. */
const EVENT_BYTES_MAX = 700_000;

/** nats-server's monitoring, as far as it is read here. */
const JetStream = z.looseObject({
  account_details: z.array(
    z.looseObject({
      stream_detail: z.array(
        z.looseObject({
          name: z.string(),
          state: z.looseObject({ last_seq: z.int() }),
          consumer_detail: z
            .array(z.looseObject({ name: z.string(), ack_floor: z.looseObject({ stream_seq: z.int() }) }))
            .default([]),
        }),
      ),
    }),
  ),
});

/** @param stack goes on after the rig: it serves one fault after the other */
export async function openStackRig(stack: RunningStack): Promise<StackRig> {
  const { edgeUrl, apiUrl, natsHttpUrl, natsUrl, clickhouseUrl, postgresUrl } = stack.addresses;
  const recorded = await recordedSessions();
  const madeUp = madeUpSessions(EVENT_BYTES_MAX);
  const frozen = new Map<Part, number[]>();
  let edgePid: number | null = await stack.pidOf("edge");
  let secondWorker: WorkerProcess | null = null;
  const rig: StackRig = {
    traffic: {
      edgeUrl,
      keys: KEYS,
      connections: 8,
      // Below the rate at which a project is limited.
      pauseMs: 100,
      sessions: (connection) => (connection % 2 === 0 ? recorded : madeUp),
      repeated: 5,
      givenUp: 5,
    },
    health: () => readHealth(edgeUrl),
    edgePid: () => edgePid,
    async caughtUp(timeoutMs) {
      await spoolEmpty(edgeUrl, timeoutMs);
      let lastSeq = 0;
      await within(RESTART_MS_MAX, "an answer of nats-server", async () => {
        lastSeq = (await readStream(natsHttpUrl).catch(() => null))?.lastSeq ?? 0;
        return { done: lastSeq > 0, now: "none" };
      });
      await within(timeoutMs, `message ${lastSeq} loaded`, async () => {
        const { ackFloor } = await readStream(natsHttpUrl).catch(() => ({ ackFloor: 0 }));
        return { done: ackFloor >= lastSeq, now: `loaded up to ${ackFloor}` };
      });
    },
    async count(sent) {
      const read = new Map<string, SessionRead>();
      for (const sessionId of [...sent.sessions, ...sent.badSessions]) {
        const session = await readPatiently(apiUrl, sessionId);
        if (session) read.set(sessionId, session);
      }
      return countReads(sent, read);
    },
    async stop() {
      rig.thaw();
      await rig.secondWorker.kill();
    },
    async kill(...parts) {
      await Promise.all(parts.map((part) => kill(stack, part)));
      if (parts.includes("edge")) edgePid = await stack.pidOf("edge");
    },
    async freeze(...parts) {
      for (const part of parts) {
        const pids = processTree(await livingPid(stack, part));
        frozen.set(part, pids);
        await freeze(pids);
      }
    },
    thaw(...parts) {
      for (const part of parts.length > 0 ? parts : frozen.keys()) {
        thaw(frozen.get(part) ?? []);
        frozen.delete(part);
      }
    },
    secondWorker: {
      async start() {
        secondWorker ??= startWorker({
          NATS_URL: natsUrl,
          CLICKHOUSE_URL: clickhouseUrl,
          POSTGRES_URL: postgresUrl,
          NODE_ENV: "production",
        });
        await secondWorker.url;
      },
      async kill() {
        secondWorker?.signal("SIGKILL");
        await secondWorker?.exited;
        secondWorker = null;
      },
    },
    mergesEnded: () =>
      within(RESTART_MS_MAX, "no merge", async () => {
        const query = new URLSearchParams({ query: "SELECT count() FROM system.merges" });
        const merges = await fetch(`${clickhouseUrl}/?${query}`).then((response) => response.text());
        return { done: merges.trim() === "0", now: merges };
      }),
    disk: {
      leaveRoom: (bytes) => leaveRoom(stack.child.pid ?? 0, stack.dataDir, bytes),
      fill: () => fill(stack.child.pid ?? 0, stack.dataDir),
      makeRoom: () => makeRoom(stack.child.pid ?? 0, stack.dataDir),
    },
  };
  return rig;
}

/** With a stack of its own, which ends with it. @throws NotPossibleHere where there can be no disk of its own */
export async function openStackRigOnOwnDisk(): Promise<StackRig> {
  assertOwnDisksPossible(tmpdir());
  const stack = await startStack({ throughCommand: onOwnDisk });
  const rig = await openStackRig(stack);
  return {
    ...rig,
    async stop() {
      // A stack without room could not end in order.
      rig.disk.makeRoom();
      await rig.stop();
      await stack.stop();
    },
  };
}

async function kill(stack: RunningStack, part: Part): Promise<void> {
  const pid = await livingPid(stack, part);
  signalEach([pid], "SIGKILL");
  await within(RESTART_MS_MAX, `${part} restarted`, async () => {
    const now = await stack.pidOf(part).catch(() => Number.NaN);
    return { done: now !== pid && isAlive(now), now: `pid ${now}` };
  });
}

/** A part that has just been killed may have none for a moment. */
async function livingPid(stack: RunningStack, part: Part): Promise<number> {
  let pid = Number.NaN;
  await within(RESTART_MS_MAX, `a process of ${part}`, async () => {
    pid = await stack.pidOf(part).catch(() => Number.NaN);
    return { done: isAlive(pid), now: `pid ${pid}` };
  });
  return pid;
}

/** The last message of the stream, and up to which all are loaded. */
async function readStream(natsHttpUrl: string): Promise<{ lastSeq: number; ackFloor: number }> {
  const url = `${natsHttpUrl}/jsz?streams=true&consumers=true`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  const { account_details } = JetStream.parse(await response.json());
  const stream = account_details.flatMap(({ stream_detail }) => stream_detail).find(({ name }) => name === STREAM);
  const consumer = stream?.consumer_detail.find(({ name }) => name === CONSUMER);
  if (!stream || !consumer) throw new Error(`nats-server knows no ${STREAM} with ${CONSUMER}`);
  return { lastSeq: stream.state.last_seq, ackFloor: consumer.ack_floor.stream_seq };
}

/** Once all is loaded it is there at the first answer; but the databases may just have been started. */
async function readPatiently(apiUrl: string, sessionId: string): Promise<SessionRead | null> {
  for (const giveUpAt = Date.now() + READ_MS_MAX; ; await sleep(POLL_MS)) {
    try {
      return await readSession({ apiUrl, readKey: KEYS.read, projectId: PROJECT_ID }, sessionId);
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
  }
}
