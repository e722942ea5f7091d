/** One small batch through the whole stack: the edge's 202, the stream, the worker, the databases, the API. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { compareEvents, isWhole } from "./comparison.ts";
import { deliver } from "./delivery.ts";
import { readEvents } from "./read-back.ts";
import { sealBatches } from "./sealed-batch.ts";

const DELIVERY_MS_MAX = 5_000;
const VISIBLE_MS_MAX = 15_000;
const ANSWER_MS_MAX = 5_000;
const POLL_MS = 100;

/** A page that says who was here, for whoever meets the session in the console. */
function events(now: number) {
  const node = {
    type: 0,
    id: 1,
    childNodes: [
      {
        type: 2,
        id: 2,
        tagName: "html",
        attributes: {},
        childNodes: [
          { type: 2, id: 3, tagName: "head", attributes: {}, childNodes: [] },
          {
            type: 2,
            id: 4,
            tagName: "body",
            attributes: {},
            childNodes: [{ type: 3, id: 5, textContent: "This batch was sent by npm run doctor." }],
          },
        ],
      },
    ],
  };
  return [
    { type: 4, timestamp: now, data: { href: "https://doctor.rrhog.localhost/", width: 640, height: 360 } },
    { type: 2, timestamp: now + 1, data: { node, initialOffset: { top: 0, left: 0 } } },
  ];
}

/** All of a day's probes share a session, so that they take one line in the list. */
function sessionOf(now: Date): string {
  return `d0c70000-0000-4000-8000-0000${now.toISOString().slice(0, 10).replaceAll("-", "")}`;
}

export interface Probe {
  sessionId: string;
  acceptedMs: number;
  /** From the 202 until the API gave back what was sent. */
  visibleMs: number;
}

/** @throws Error that says how far the batch came */
export async function probe({ edgeUrl, apiUrl }: { edgeUrl: string; apiUrl: string }): Promise<Probe> {
  const now = new Date();
  const sessionId = sessionOf(now);
  const windowId = randomUUID();
  const sent = events(now.getTime()).map((event) => JSON.stringify(event));
  const slices = sent.map((text) => Buffer.from(text));
  const [batch] = sealBatches(slices, { sessionId, windowId, batchSize: slices.length, gzip: false });
  if (!batch) throw new Error("there is no batch to send");

  const startedAt = performance.now();
  await deliver(batch, { edgeUrl, writeKey: "dev_write_123", patienceMs: DELIVERY_MS_MAX, onRetry: () => {} });
  const acceptedAt = performance.now();
  const reading = {
    apiUrl,
    readKey: "dev_read_123",
    projectId: 1,
    sessionId,
    onlyWindow: windowId,
    timeoutMs: ANSWER_MS_MAX,
  };
  for (;;) {
    const got = await readEvents("ndjson", reading).catch((error: Error) => error);
    if (Array.isArray(got) && isWhole(compareEvents(sent, got))) break;
    if (performance.now() - acceptedAt > VISIBLE_MS_MAX) {
      const instead = Array.isArray(got) ? `gave back ${got.length} of ${sent.length} events` : `said: ${got.message}`;
      throw new Error(`the batch got its 202, and after ${VISIBLE_MS_MAX / 1_000} s the API ${instead}`);
    }
    await sleep(POLL_MS);
  }
  return { sessionId, acceptedMs: acceptedAt - startedAt, visibleMs: performance.now() - acceptedAt };
}
