/** Of one fact, whoever tells it: a span fact of the same name and place replaces the batch's. */
import { hashParts } from "#protocol/batch-id.ts";

/** @param part place among several of one name and event */
export function factId(batchId: string, idx: number, name: string, part = 0): string {
  return hashParts(batchId, String(idx), name, ...(part > 0 ? [String(part)] : []));
}
