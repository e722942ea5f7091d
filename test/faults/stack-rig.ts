/** The whole stack as `npm start` brings it up, read back by the API. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Part } from "#cli/addresses.ts";
import { readEvents } from "#cli/read-back.ts";
import { CONSUMER, STREAM } from "#protocol/subject.ts";
import { freeze, processTree, thaw } from "../support/processes.ts";
import type { RunningStack } from "../support/running-stack.ts";
import { hashOf, type Sent } from "./batches.ts";
import { countReads } from "./count.ts";
import type { Count, Rig } from "./fault.ts";
import { readHealth, spoolEmpty } from "./health.ts";
import { within } from "./within.ts";

export interface StackRig extends Rig {
  /** kill -9; resolves when the supervisor has started another. */
  kill(...parts: Part[]): Promise<void>;
  /** Parts and all that they have started. */
  freeze(...parts: Part[]): Promise<void>;
  thaw(): void;
}

/** Of the embedded stack. */
const KEYS = { write: "dev_write_123", read: "dev_read_123" };
const PROJECT_ID = 1;
const RESTART_MS_MAX = 60_000;
const READ_MS_MAX = 120_000;
const POLL_MS = 100;

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
  const { edgeUrl, apiUrl, natsHttpUrl } = stack.addresses;
  let frozen: number[] = [];
  let edgePid: number | null = await stack.pidOf("edge");
  const rig: StackRig = {
    // Below the rate at which a project is limited, and what a stack on a small machine loads as fast as it comes.
    traffic: { edgeUrl, keys: KEYS, connections: 8, pauseMs: 100, eventBytesMax: 700_000, repeated: 5 },
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
      const giveUpAt = Date.now() + READ_MS_MAX;
      for (;;) {
        const count = await readBack(apiUrl, sent);
        if (count.lost === 0 || Date.now() > giveUpAt) return count;
        await sleep(POLL_MS);
      }
    },
    async stop() {
      rig.thaw();
    },
    async kill(...parts) {
      await Promise.all(parts.map((part) => kill(stack, part)));
      edgePid = await stack.pidOf("edge");
    },
    async freeze(...parts) {
      frozen = (await Promise.all(parts.map((part) => stack.pidOf(part)))).flatMap(processTree);
      await freeze(frozen);
    },
    thaw() {
      thaw(frozen);
      frozen = [];
    },
  };
  return rig;
}

async function kill(stack: RunningStack, part: Part): Promise<void> {
  const pid = await stack.pidOf(part);
  process.kill(pid, "SIGKILL");
  for (const giveUpAt = Date.now() + RESTART_MS_MAX; ; await sleep(POLL_MS)) {
    const now = await stack.pidOf(part).catch(() => pid);
    if (now !== pid) return;
    if (Date.now() > giveUpAt) throw new Error(`${part} was not restarted within ${RESTART_MS_MAX / 1_000} s`);
  }
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

async function readBack(apiUrl: string, sent: Sent): Promise<Count> {
  const read = new Map<string, string[]>();
  for (const sessionId of new Set([...sent.accepted.values()].map((batch) => batch.sessionId))) {
    const options = { apiUrl, readKey: KEYS.read, projectId: PROJECT_ID, sessionId };
    const events = await readEvents("ndjson", options).catch(() => []);
    read.set(
      sessionId,
      events.map((event) => hashOf(Buffer.from(event))),
    );
  }
  return countReads(sent, read);
}
