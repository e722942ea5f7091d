/** What was accepted against what lies in the stream. */
import type { Sent } from "./batches.ts";
import type { Count } from "./fault.ts";

/** A batch as it lies in the stream. */
export interface Stored {
  batchId: string;
  sessionId: string;
  eventsHash: string;
}

/** In the stream a batch may lie more than once: the core folds the copies. */
export function countStream({ accepted, sessions }: Sent, stored: readonly Stored[]): Count {
  const found = new Set<string>();
  let copies = 0;
  let foreign = 0;
  for (const { batchId, sessionId, eventsHash } of stored) {
    const sent = accepted.get(batchId);
    const isTrue = !sent || (sent.sessionId === sessionId && sent.eventsHash === eventsHash);
    if (!sessions.has(sessionId) || !isTrue) foreign++;
    if (!sent || !isTrue) continue;
    if (found.has(batchId)) copies++;
    found.add(batchId);
  }
  const lost = [...accepted.keys()].filter((batchId) => !found.has(batchId)).length;
  return { lost, doubled: null, untrue: null, copies, foreign };
}
