/**
 * Requests that go to their relay together, in bare workerd, since the runtime of the edge's own tests lets no request settle
 * what another waits for: each gets the answer for its own batch, and each 202's batch is in the stream.
 */
import { randomUUID } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, test } from "vitest";
import { batchId } from "#protocol/batch-id.ts";
import { decodeMessage } from "#protocol/message.ts";
import { KEY, openRig } from "../bench/edge/rig.ts";

const REQUESTS = 12_000;
const AT_ONCE = 32;
const PROJECT = 1;

test("twelve thousand batches, thirty-two at a time: each its own 202, each once in the stream, many to a message", async () => {
  const rig = await openRig();
  try {
    const edge = await rig.startEdge({ PUBLISH_BUDGET_MS: "10000" });
    const events = new TextEncoder().encode(
      `[{"type":4,"timestamp":1700000000000,"data":{"href":"https://shop.example/"}}]`,
    );
    const sessionId = randomUUID();
    const expected = new Set<string>();
    let next = 0;
    const post = async () => {
      while (next < REQUESTS) {
        const seq = next++;
        const id = batchId({ projectId: PROJECT, sessionId, windowId: "w", seq, events });
        expected.add(id);
        const url = `http://127.0.0.1:${edge.port}/i?k=${KEY}&session_id=${sessionId}&window_id=w&seq=${seq}`;
        const response = await fetch(url, { method: "POST", headers: { "Content-Type": "text/plain" }, body: events });
        const receipt = await response.json();
        expect({ status: response.status, receipt }).toEqual({
          status: 202,
          receipt: { status: "accepted", session_id: sessionId, batch_id: id, durable: "stream" },
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, post));

    const { streams } = await jetstreamManager(rig.worker);
    const messages = (await streams.info("EVENTS")).state.last_seq;
    const stored: string[] = [];
    for (let seq = 1; seq <= messages; seq++) {
      const message = await streams.getMessage("EVENTS", { seq });
      const decoded = decodeMessage(message?.data ?? new Uint8Array());
      if (!decoded.ok) throw new Error(decoded.reason);
      for (const batch of decoded.batches) if (batch.ok) stored.push(batch.envelope.batch_id);
    }
    expect(stored).toHaveLength(REQUESTS);
    expect(new Set(stored)).toEqual(expected);
    expect(messages).toBeLessThan(REQUESTS / 2);
  } finally {
    await rig.close();
  }
}, 120_000);
