/**
 * Requests that go to their relay together, in bare workerd, since the runtime of the edge's own tests lets no request settle
 * what another waits for: each gets the answer for its own batch, and each 202's batch is in the stream.
 */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchId } from "#protocol/batch-id.ts";
import { decodeMessage } from "#protocol/message.ts";
import { KEY, openRig, type Rig } from "../bench/edge/rig.ts";

const REQUESTS = 12_000;
const AT_ONCE = 32;
const STAYING = 3_000;
const PROJECT = 1;

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
}, 60_000);
afterAll(() => rig.close());

/** Ids of all batches in the stream, in its messages' order. */
async function stored(): Promise<string[]> {
  const { streams } = await jetstreamManager(rig.worker);
  const messages = (await streams.info("EVENTS")).state.last_seq;
  const ids: string[] = [];
  for (let seq = 1; seq <= messages; seq++) {
    const message = await streams.getMessage("EVENTS", { seq });
    const decoded = decodeMessage(message?.data ?? new Uint8Array());
    if (!decoded.ok) throw new Error(decoded.reason);
    for (const batch of decoded.batches) if (batch.ok) ids.push(batch.envelope.batch_id);
  }
  return ids;
}

const events = new TextEncoder().encode(
  `[{"type":4,"timestamp":1700000000000,"data":{"href":"https://shop.example/"}}]`,
);

interface Attempt {
  url: string;
  sessionId: string;
  batchId: string;
}

function attempt(port: number, sessionId: string, seq: number): Attempt {
  return {
    url: `http://127.0.0.1:${port}/i?k=${KEY}&session_id=${sessionId}&window_id=w&seq=${seq}`,
    sessionId,
    batchId: batchId({ projectId: PROJECT, sessionId, windowId: "w", seq, events }),
  };
}

function send(url: string, signal?: AbortSignal): Promise<Response> {
  const headers = { "Content-Type": "text/plain" };
  return fetch(url, { method: "POST", headers, body: events, ...(signal && { signal }) });
}

async function expectAccepted({ url, sessionId, batchId }: Attempt): Promise<void> {
  const response = await send(url);
  const receipt = await response.json();
  expect({ status: response.status, receipt }).toEqual({
    status: 202,
    receipt: { status: "accepted", session_id: sessionId, batch_id: batchId, durable: "stream" },
  });
}

test("twelve thousand batches, thirty-two at a time: each its own 202, each once in the stream, many to a message", async () => {
  const { port } = await rig.startEdge({ PUBLISH_BUDGET_MS: "10000" });
  const sessionId = randomUUID();
  const expected = new Set<string>();
  let next = 0;
  const post = async () => {
    while (next < REQUESTS) {
      const one = attempt(port, sessionId, next++);
      expected.add(one.batchId);
      await expectAccepted(one);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, post));

  const ids = await stored();
  expect(ids).toHaveLength(REQUESTS);
  expect(new Set(ids)).toEqual(expected);
  const { streams } = await jetstreamManager(rig.worker);
  expect((await streams.info("EVENTS")).state.last_seq).toBeLessThan(REQUESTS / 2);
}, 120_000);

test("clients that leave while they wait, or while they lead, cost nobody else a 202", async () => {
  const { port } = await rig.startEdge({ PUBLISH_BUDGET_MS: "10000" });
  const [staying, leaving] = [randomUUID(), randomUUID()];
  const expected: string[] = [];
  let [next, left] = [0, 0];
  const stay = async () => {
    while (next < STAYING) {
      const one = attempt(port, staying, next++);
      expected.push(one.batchId);
      await expectAccepted(one);
    }
  };
  const leave = async () => {
    while (next < STAYING) {
      const gone = new AbortController();
      const answer = send(attempt(port, leaving, left++).url, gone.signal).catch(() => null);
      await setTimeout(left % 4);
      gone.abort();
      await answer;
    }
  };
  // Few beside many who leave, so that those lead as often.
  await Promise.all([...Array.from({ length: 4 }, stay), ...Array.from({ length: 8 }, leave)]);
  expect(left).toBeGreaterThan(STAYING / 20);

  const counts = Map.groupBy(await stored(), (id) => id);
  expect(expected.map((id) => counts.get(id)?.length)).toEqual(expected.map(() => 1));
}, 120_000);
