/** Batches as the edge puts them on the stream, for tests. */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { batchId } from "#protocol/batch-id.ts";
import { ENVELOPE_VERSION, type Envelope } from "#protocol/envelope.ts";
import { findMember } from "#protocol/json-scan.ts";
import { encodeMessage } from "#protocol/message.ts";

export interface Sealed {
  envelope: Envelope;
  body: Uint8Array;
}

const COMPRESS = { identity: (text: Buffer) => text, gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

/** @param events JSON text of the array, so that a test says each byte; or values, where bytes do not matter */
export function sealed(events: string | Buffer | object[], facts: Partial<Envelope> = {}): Sealed {
  const array = Array.isArray(events) ? JSON.stringify(events) : events;
  const text = Buffer.concat([`{ "seq": ${facts.seq ?? 0}, "events": `, array, " }"].map((part) => Buffer.from(part)));
  const slice = findMember(text, "events");
  if (!slice) throw new Error("no events");
  const of = {
    project_id: 1,
    session_id: "5ce55104-0000-4000-8000-000000000001",
    window_id: "w1",
    seq: 0,
    received_at: Date.UTC(2026, 10, 23, 12),
    encoding: "gzip" as const,
    ...facts,
  };
  const identity = { projectId: of.project_id, sessionId: of.session_id, windowId: of.window_id, seq: of.seq };
  return {
    envelope: {
      v: ENVELOPE_VERSION,
      durable: "stream",
      format: "json",
      batch_id: batchId({ ...identity, events: text.subarray(slice.start, slice.end) }),
      events_offset: slice.start,
      events_length: slice.end - slice.start,
      ...of,
    },
    body: COMPRESS[of.encoding](text),
  };
}

export function messageOf(...batches: Sealed[]): Uint8Array {
  return encodeMessage(batches);
}

/** A batch of `POST /e`. */
export function sealedCustom(events: string | Buffer | object[], facts: Partial<Envelope> = {}): Sealed {
  return sealed(events, { format: "analytics", ...facts });
}

/** A custom event, `n` milliseconds after noon of the day that tests happen on. */
export function custom(n: number, name = "tracked", more: object = {}) {
  return { name, ts: event(n).timestamp, ...more };
}

/** An rrweb event of a page: `n` milliseconds after noon of the day that tests happen on. */
export function event(n: number, type = 3, data: unknown = { source: 1 }) {
  return { type, timestamp: Date.UTC(2026, 10, 23, 12) + n, data };
}
