import { createHash } from "node:crypto";

export interface BatchIdentity {
  projectId: number;
  sessionId: string;
  windowId: string;
  seq: number;
  /** The inflated bytes of the events array, brackets included. */
  events: Uint8Array;
}

/**
 * The identity of a batch: the first 128 bits of SHA-256 over its length-prefixed parts, as UUID text.
 * It depends on nothing but the project and the batch's content: the same in both formats, in every encoding and at
 * every attempt, so that a retry, a redelivery and a re-drive all fold into one.
 */
export function batchId({ projectId, sessionId, windowId, seq, events }: BatchIdentity): string {
  return hashParts(String(projectId), sessionId, windowId, String(seq), events);
}

/**
 * The session of a batch that names none: derived from its bytes, so that a retry is the same session and batch.
 * Marked as a version 8 UUID (RFC 9562, section 5.8).
 */
export function derivedSessionId(projectId: number, events: Uint8Array): string {
  const hash = hashParts("session", String(projectId), events);
  return `${hash.slice(0, 14)}8${hash.slice(15, 19)}8${hash.slice(20)}`;
}

/** 128 bits of SHA-256 over parts that each carry their length, so that no two lists of parts share a hash. */
export function hashParts(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  const length = new DataView(new ArrayBuffer(4));
  for (const part of parts) {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    length.setUint32(0, bytes.byteLength);
    hash.update(new Uint8Array(length.buffer));
    hash.update(bytes);
  }
  const hex = hash.digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
