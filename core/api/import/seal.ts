/** A recording from a file as batches, such as the edge would have put on the stream. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { SPAN_BEFORE_MS } from "#core/facts/claim.ts";
import { batchId, derivedSessionId } from "#protocol/batch-id.ts";
import { ENVELOPE_VERSION, type Envelope } from "#protocol/envelope.ts";
import type { BatchSaid, FileRecording, FileWindow } from "./recording.ts";

const compress = promisify(gzip);

const DAY_MS = 86_400_000;
/** Times of events are kept within a span before a session's claim; a recording may take a day. */
const OLD_MS = SPAN_BEFORE_MS - DAY_MS;
const AHEAD_MS = 5 * 60_000;

export interface SealedImport {
  sessionId: string;
  events: number;
  /** Whom it shows, and when its first event was recorded, ms. */
  userIds: string[];
  recordedAt: number;
  batches: AsyncIterable<{ envelope: Envelope; body: Uint8Array }>;
}

/**
 * @param now ms: the session counts as received then, and is kept as long from then on
 * @returns the same session and batches for the same content in the same project, whenever it comes
 */
export function sealImport(recording: FileRecording, projectId: number, now: number): SealedImport {
  const sessionId = derivedSessionId(projectId, digest(recording.windows));
  const { firstTs, lastTs } = recording;
  // Of a recent recording the times are believed. An old one would be pressed together where the claim's span begins: it
  // is moved, as one by a clock that was behind, so that it ends now. Its events keep their own times.
  const isOff = firstTs < now - OLD_MS || lastTs > now + AHEAD_MS;
  const received = { received_at: now, sent_at: isOff ? lastTs : null };
  async function* batches() {
    for (const { window_id, batches } of recording.windows) {
      for (const { seq, said, events } of batches) {
        const text = arrayOf(events);
        const key = { projectId, sessionId, windowId: window_id, seq };
        const envelope: Envelope = {
          v: ENVELOPE_VERSION,
          project_id: projectId,
          session_id: sessionId,
          window_id,
          seq,
          batch_id: batchId({ ...key, events: text }),
          ...received,
          durable: "stream",
          format: "framed",
          encoding: "gzip",
          events_offset: 0,
          events_length: text.byteLength,
          sdk: "import",
          ...facts(said),
        };
        yield { envelope, body: await compress(text) };
      }
    }
  }
  const said = recording.windows.flatMap(({ batches }) => batches.flatMap((batch) => batch.said.user_id ?? []));
  return {
    sessionId,
    events: recording.events,
    userIds: [...new Set(said)],
    recordedAt: firstTs,
    batches: batches(),
  };
}

function facts({ user_id, user_email, ...said }: BatchSaid): Partial<Envelope> {
  const isKnown = (user_id ?? null) !== null || (user_email ?? null) !== null;
  return { ...said, user: isKnown ? { id: user_id, email: user_email } : null };
}

/** Of all that makes the batches what they are. */
function digest(windows: readonly FileWindow[]): Buffer {
  const hash = createHash("sha256");
  for (const { window_id, batches } of windows) {
    hash.update(JSON.stringify([window_id, batches.map(({ seq, events }) => [seq, events.map((e) => e.byteLength)])]));
    for (const { events } of batches) for (const event of events) hash.update(event);
  }
  return hash.digest();
}

function arrayOf(events: readonly Uint8Array[]): Buffer {
  const pieces: Uint8Array[] = [Buffer.from("[")];
  for (const [i, event] of events.entries()) pieces.push(...(i === 0 ? [event] : [COMMA, event]));
  pieces.push(Buffer.from("]"));
  return Buffer.concat(pieces);
}

const COMMA = Buffer.from(",");
