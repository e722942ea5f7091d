/** A sealed batch: from here on its bytes are fixed, and every attempt sends the same ones. */
import type { DroppedRange, RecordedUser } from "../../protocol/batch.ts";
import { URL_LENGTH_MAX } from "../../protocol/limits.ts";

/** More would not pass through most proxies smoothly, and would not leave with a page that goes. A single event may be larger. */
export const SEALED_BYTES_MAX = 48 * 1024;

export const SDK_VERSION = "@rrhog/browser 0.1.0";

const DROPPED_RANGES_MAX = 1_000;

export interface SealedBatch {
  /** Names the batch in the outbox: session, window and seq. */
  id: string;
  sessionId: string;
  windowId: string;
  seq: number;
  /** The client's clock when it was sealed, ms. */
  sealedAt: number;
  /** The body of `POST /i`: JSON, gzipped where the browser can. */
  body: Uint8Array<ArrayBuffer>;
}

/** What a batch says of itself beside its events; the members of the JSON format (protocol/batch.ts). */
export interface BatchFacts {
  sessionId: string;
  windowId: string;
  seq: number;
  sealedAt: number;
  sealedThrough: number;
  url: string;
  user: RecordedUser | undefined;
  dropped: readonly DroppedRange[];
  end: boolean;
}

/** The body as text. Events come as JSON already: they were serialised when they happened, once. */
export function batchText(facts: BatchFacts, events: readonly string[]): string {
  const head = JSON.stringify({
    seq: facts.seq,
    session_id: facts.sessionId,
    window_id: facts.windowId,
    url: facts.url.slice(0, URL_LENGTH_MAX),
    user: facts.user,
    sealed_at: facts.sealedAt,
    sealed_through: facts.sealedThrough,
    dropped: facts.dropped.length ? facts.dropped.slice(-DROPPED_RANGES_MAX) : undefined,
    end: facts.end || undefined,
    sdk: SDK_VERSION,
  });
  return `${head.slice(0, -1)},"events":[${events.join(",")}]}`;
}

export function sealed(facts: BatchFacts, body: Uint8Array<ArrayBuffer>): SealedBatch {
  const { sessionId, windowId, seq, sealedAt } = facts;
  return { id: `${sessionId}/${windowId}/${seq}`, sessionId, windowId, seq, sealedAt, body };
}
