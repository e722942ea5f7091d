import { hash } from "node:crypto";

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
  // Joined and hashed in one call: a hash that is updated is a stream in Node's API, dearer at the edge than the hashing.
  const pieces = parts.map((part) => (typeof part === "string" ? utf8.encode(part) : part));
  const joined = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + LENGTH_BYTES + byteLength, 0));
  const view = new DataView(joined.buffer);
  let at = 0;
  for (const piece of pieces) {
    view.setUint32(at, piece.byteLength);
    joined.set(piece, at + LENGTH_BYTES);
    at += LENGTH_BYTES + piece.byteLength;
  }
  const hex = hash("sha256", joined, "hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

const LENGTH_BYTES = 4;
const utf8 = new TextEncoder();
