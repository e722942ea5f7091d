/**
 * A backlog as the edge leaves it on the stream: gzipped framed batches of some 10 KB, cut out of recordings of real
 * applications, of sessions that go on side by side, a dozen batches in a message.
 */
import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { readRecording } from "#cli/recording.ts";
import { batchId } from "#protocol/batch-id.ts";
import { ENVELOPE_VERSION, type Envelope } from "#protocol/envelope.ts";
import { encodeMessage, type StreamedBatch } from "#protocol/message.ts";
import { PROJECT_ID } from "./rig.ts";

const RECORDINGS = ["api-explorer", "staff-table", "price-board"];
const BATCH_BYTES = 10_000;
/** What the edge puts together under load (docs/decisions/0009-batches-go-together.md). */
export const BATCHES_A_MESSAGE = 12;
const SESSIONS_AT_ONCE = 100;
const BATCHES_A_SESSION = 20;

/** The events of a batch: as JSON, and as they were sent. */
export interface Sealed {
  events: Buffer;
  body: Buffer;
}

/**
 * Stretches of the recordings, one after the other; each would be a batch of a session.
 * @param batchBytes of events; a single larger event is a batch of its own
 */
export async function sealStretches(batchBytes = BATCH_BYTES): Promise<Sealed[]> {
  const stretches: Sealed[] = [];
  for (const events of await recordedEvents()) {
    let open: Uint8Array[] = [];
    let bytes = 0;
    for (const event of events) {
      open.push(event);
      bytes += event.byteLength;
      if (bytes < batchBytes) continue;
      stretches.push(sealed(open));
      [open, bytes] = [[], 0];
    }
  }
  return stretches;
}

/** One batch of about so many bytes of events. */
export async function sealLarge(bytes: number): Promise<Sealed> {
  const all = (await recordedEvents()).flat();
  const events: Uint8Array[] = [];
  for (let [size, at] = [0, 0]; size < bytes; at++) {
    const event = all[at % all.length] as Uint8Array;
    events.push(event);
    size += event.byteLength + 1;
  }
  return sealed(events);
}

/** @returns `count` batches, those of the sessions that go on at a time taking turns */
export function* streamed(stretches: readonly Sealed[], count: number): Generator<StreamedBatch> {
  const sessions = Array.from({ length: SESSIONS_AT_ONCE }, (_, i) => session(i));
  for (let n = 0; n < count; n++) {
    const turn = n % SESSIONS_AT_ONCE;
    const { value } = (sessions[turn] as Iterator<StreamedBatch>).next();
    if (value) yield value;
    else {
      sessions[turn] = session(n);
      n--;
    }
  }

  function* session(n: number): Generator<StreamedBatch, undefined> {
    const ids = { session_id: randomUUID(), window_id: randomUUID() };
    for (let seq = 0; seq < BATCHES_A_SESSION; seq++) {
      const stretch = stretches[(n * BATCHES_A_SESSION + seq) % stretches.length] as Sealed;
      yield streamedBatch(stretch, { ...ids, seq, end: seq === BATCHES_A_SESSION - 1 });
    }
  }
}

export function streamedBatch(
  { events, body }: Sealed,
  facts: Pick<Envelope, "session_id" | "window_id" | "seq" | "end">,
): StreamedBatch {
  const { session_id, window_id, seq } = facts;
  const now = Date.now();
  return {
    envelope: {
      ...facts,
      v: ENVELOPE_VERSION,
      project_id: PROJECT_ID,
      batch_id: batchId({ projectId: PROJECT_ID, sessionId: session_id, windowId: window_id, seq, events }),
      received_at: now,
      durable: "stream",
      format: "framed",
      encoding: "gzip",
      events_offset: 0,
      events_length: events.byteLength,
      sent_at: now,
      sealed_at: now,
      sealed_through: seq,
      url: "https://board.example/prices",
      user_agent: "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36",
    },
    body,
  };
}

export function* messagesOf(batches: Iterable<StreamedBatch>, perMessage: number): Generator<Uint8Array> {
  let open: StreamedBatch[] = [];
  for (const batch of batches) {
    open.push(batch);
    if (open.length < perMessage) continue;
    yield encodeMessage(open);
    open = [];
  }
  if (open.length > 0) yield encodeMessage(open);
}

function recordedEvents(): Promise<Uint8Array[][]> {
  return Promise.all(
    RECORDINGS.map(async (name) => {
      const file = new URL(`../../test/recordings/${name}.json.gz`, import.meta.url).pathname;
      return (await readRecording(file)).events;
    }),
  );
}

function sealed(slices: readonly Uint8Array[]): Sealed {
  const comma = Buffer.from(",");
  const events = Buffer.concat([
    Buffer.from("["),
    ...slices.flatMap((slice, i) => (i === 0 ? [slice] : [comma, slice])),
    Buffer.from("]"),
  ]);
  return { events, body: gzipSync(events) };
}
