/** Cuts a recording into batches as a recorder does: each is sealed once, and every attempt sends the same bytes. */
import { gzipSync } from "node:zlib";

/** Larger events go alone; the rest of a batch stays well under what the edge takes. */
const EVENTS_BYTES_MAX = 1024 * 1024;

export interface SealedBatch {
  seq: number;
  events: number;
  body: Uint8Array<ArrayBuffer>;
  encoding: "identity" | "gzip";
}

export interface SealOptions {
  sessionId: string;
  /** Null as the clients in the field: neither a window nor the ledger's members. */
  windowId: string | null;
  /** Events in a batch, at most. */
  batchSize: number;
  gzip: boolean;
}

export function sealBatches(events: readonly Uint8Array[], options: SealOptions): SealedBatch[] {
  const groups = group(events, options.batchSize);
  return groups.map((slices, seq) => {
    const json = jsonBatch(slices, seq, groups.length - 1, options);
    const body = options.gzip ? new Uint8Array(gzipSync(json)) : json;
    return { seq, events: slices.length, body, encoding: options.gzip ? "gzip" : "identity" };
  });
}

function group(events: readonly Uint8Array[], batchSize: number): Uint8Array[][] {
  const groups: Uint8Array[][] = [];
  let open: Uint8Array[] = [];
  let bytes = 0;
  for (const event of events) {
    if (open.length > 0 && (open.length >= batchSize || bytes + event.byteLength > EVENTS_BYTES_MAX)) {
      groups.push(open);
      open = [];
      bytes = 0;
    }
    open.push(event);
    bytes += event.byteLength;
  }
  if (open.length > 0) groups.push(open);
  return groups;
}

function jsonBatch(slices: Uint8Array[], seq: number, lastSeq: number, { sessionId, windowId }: SealOptions) {
  const facts =
    windowId === null
      ? { seq, session_id: sessionId }
      : { seq, session_id: sessionId, window_id: windowId, sealed_through: seq, end: seq === lastSeq };
  const head = JSON.stringify(facts).slice(0, -1);
  const parts = [
    Buffer.from(`${head},"events":[`),
    ...slices.flatMap((slice, i) => (i === 0 ? [slice] : [Buffer.from(","), slice])),
    Buffer.from("]}"),
  ];
  return new Uint8Array(Buffer.concat(parts));
}
