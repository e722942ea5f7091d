import { hash } from "node:crypto";

type Part = string | Uint8Array;

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
export function batchId(identity: BatchIdentity): string {
  return hashParts(...partsOf(identity));
}

/**
 * The same by Web Crypto, for the edge: Node's hash is a stream there, which costs as much again as hashing 10 KB.
 * The events may be changed once this has returned.
 */
export async function digestedBatchId(identity: BatchIdentity): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", joined(partsOf(identity))));
  let hex = "";
  for (let i = 0; i < UUID_BYTES; i++) hex += HEX[digest[i] as number];
  return asUuid(hex);
}

function partsOf({ projectId, sessionId, windowId, seq, events }: BatchIdentity): Part[] {
  return [String(projectId), sessionId, windowId, String(seq), events];
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
export function hashParts(...parts: Part[]): string {
  return asUuid(hash("sha256", joined(parts), "hex"));
}

/** Joined and hashed in one call: a hash that is updated is a stream in Node's API, dearer at the edge than the hashing. */
function joined(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  let most = 0;
  for (const part of parts) most += LENGTH_BYTES + bytesMax(part);
  const room = most <= scratch.byteLength ? scratch : new Uint8Array(most);
  let end = 0;
  for (const part of parts) end = append(room, end, part);
  return room.subarray(0, end);
}

function asUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

function bytesMax(part: Part): number {
  return typeof part === "string" ? UTF8_BYTES_MAX * part.length : part.byteLength;
}

/** @returns where the part ends */
function append(joined: Uint8Array, at: number, part: Part): number {
  const start = at + LENGTH_BYTES;
  const length = typeof part === "string" ? write(joined, start, part) : part.byteLength;
  if (typeof part !== "string") joined.set(part, start);
  joined[at] = length >>> 24;
  joined[at + 1] = length >>> 16;
  joined[at + 2] = length >>> 8;
  joined[at + 3] = length;
  return start + length;
}

/** As UTF-8, of which ASCII is written without a call of the runtime. @returns how many bytes */
function write(joined: Uint8Array, start: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > ASCII_MAX) return utf8.encodeInto(text, joined.subarray(start)).written;
    joined[start + i] = code;
  }
  return text.length;
}

const LENGTH_BYTES = 4;
const UUID_BYTES = 16;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** Of a UTF-16 code unit. */
const UTF8_BYTES_MAX = 3;
const ASCII_MAX = 0x7f;
const utf8 = new TextEncoder();
/** Where batches of the usual size are joined: memory made for each would be most of what is collected at the edge. */
const scratch = new Uint8Array(64 * 1024);
