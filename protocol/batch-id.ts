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
  // Small parts are put together before they are hashed: at the edge each call into the runtime is felt.
  const small: Uint8Array[] = [];
  for (const part of parts) {
    const bytes = typeof part === "string" ? utf8.encode(part) : part;
    small.push(lengthPrefix(bytes.byteLength));
    if (bytes.byteLength <= SMALL_BYTES) {
      small.push(bytes);
      continue;
    }
    hash.update(join(small));
    small.length = 0;
    hash.update(bytes);
  }
  if (small.length > 0) hash.update(join(small));
  const hex = hash.digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

const SMALL_BYTES = 256;
const utf8 = new TextEncoder();

function lengthPrefix(length: number): Uint8Array {
  return Uint8Array.of(length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
