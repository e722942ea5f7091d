/** What was accepted against what is stored. */
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
  return { lost, doubled: null, copies, foreign };
}

/**
 * As a reader gets it: each event of each accepted batch, once.
 *
 * @param read by session, the hash of each event that was read
 */
export function countReads({ accepted }: Sent, read: ReadonlyMap<string, readonly string[]>): Count {
  const times = new Map<string, number>();
  for (const hash of [...read.values()].flat()) times.set(hash, (times.get(hash) ?? 0) + 1);
  let lost = 0;
  let doubled = 0;
  for (const { eventHashes } of accepted.values()) {
    const seen = eventHashes.map((hash) => times.get(hash) ?? 0);
    if (seen.some((count) => count === 0)) lost++;
    if (seen.some((count) => count > 1)) doubled++;
    for (const hash of eventHashes) times.delete(hash);
  }
  return { lost, doubled, copies: null, foreign: times.size };
}
