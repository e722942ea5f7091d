/**
 * A message on the stream: 1..n batches. Integers are big-endian.
 *
 *     u8 version = 1 · u32 n · n × ( u32 length · envelope as JSON · u32 length · body as sent )
 *
 * The message is the unit of redelivery; the batch is the unit of identity, validation, dead letters and deletion.
 * That is why a bad envelope is reported for its batch alone, while a broken frame condemns the whole message.
 */
import { Envelope } from "./envelope.ts";

const MESSAGE_VERSION = 1;
const HEADER_BYTES = 5;
const LENGTH_BYTES = 4;

export interface StreamedBatch {
  envelope: Envelope;
  /** As sent, in `envelope.encoding`. */
  body: Uint8Array;
}

export type DecodedBatch =
  | { ok: true; envelope: Envelope; body: Uint8Array }
  /** The frame is whole and the envelope is not: `envelopeText` is kept for the dead letter. */
  | { ok: false; reason: string; envelopeText: string; body: Uint8Array };

export type DecodedMessage = { ok: true; batches: DecodedBatch[] } | { ok: false; reason: string };

const utf8 = new TextEncoder();
/** Of a UTF-16 code unit. */
const UTF8_BYTES_MAX = 3;
const SHARED_BYTES = 64 * 1024;
const SHARED_BYTES_MAX = 8 * 1024;
/** Memory that heads of the usual size share: an ArrayBuffer for each would cost as much as what is written there. */
let shared = new Uint8Array(0);
let sharedEnd = 0;

/** Members that are not known yet stay in it, so that a dead letter has them for a core that knows them. */
const StreamedEnvelope = Envelope.loose();

export function encodeMessage(batches: readonly StreamedBatch[]): Uint8Array<ArrayBuffer> {
  return encodeFrames(batches.map(({ envelope, body }) => ({ head: encodeHead(envelope, body.byteLength), body })));
}

/**
 * A batch's frame up to its body: the envelope between the two lengths.
 * @param envelope or its text, as it once stood on the stream
 */
export function encodeHead(envelope: Envelope | string, bodyBytes: number): Uint8Array<ArrayBuffer> {
  const json = typeof envelope === "string" ? envelope : JSON.stringify(envelope);
  const room = roomFor(2 * LENGTH_BYTES + UTF8_BYTES_MAX * json.length);
  const { written } = utf8.encodeInto(json, room.subarray(LENGTH_BYTES));
  const head = room.subarray(0, 2 * LENGTH_BYTES + written);
  const view = viewOf(head);
  view.setUint32(0, written);
  view.setUint32(LENGTH_BYTES + written, bodyBytes);
  if (room.buffer === shared.buffer) sharedEnd += head.byteLength;
  return head;
}

/** Memory for as many bytes, of which the first are taken once they are written. */
function roomFor(bytesMax: number): Uint8Array<ArrayBuffer> {
  if (bytesMax > SHARED_BYTES_MAX) return new Uint8Array(bytesMax);
  if (sharedEnd + bytesMax > shared.byteLength) {
    shared = new Uint8Array(SHARED_BYTES);
    sharedEnd = 0;
  }
  return shared.subarray(sharedEnd);
}

export function encodeFrames(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  return joinFrames(frames.length, piecesOf(frames));
}

/** @param pieces the frames of `count` batches, one after the other, each in as many pieces as it comes in. */
export function joinFrames(count: number, pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, HEADER_BYTES));
  message.set(encodeHeader(count));
  let at = HEADER_BYTES;
  for (const piece of pieces) {
    message.set(piece, at);
    at += piece.byteLength;
  }
  return message;
}

/** What a message begins with: the frames of `count` batches come after it. */
export function encodeHeader(count: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_BYTES);
  const view = viewOf(header);
  view.setUint8(0, MESSAGE_VERSION);
  view.setUint32(1, count);
  return header;
}

export function piecesOf(frames: readonly Frame[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const { head, body } of frames) pieces.push(head, body);
  return pieces;
}

/** The frames that lie one after the other in these bytes, as views; null where they do not end with a frame's end. */
export function framesIn(bytes: Uint8Array): Uint8Array[] | null {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const end = frameEnd(bytes, at);
    if (end === null) return null;
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** A batch as it goes into a message: not put together before it is copied there. */
export interface Frame {
  /** The envelope between the two lengths. */
  head: Uint8Array;
  body: Uint8Array;
}

export function frameBytes({ head, body }: Frame): number {
  return head.byteLength + body.byteLength;
}

/** The frames of a message, as views into it; null where it is not whole. What is in them is not looked at. */
export function splitFrames(message: Uint8Array): Frame[] | null {
  if (message.byteLength < HEADER_BYTES || message[0] !== MESSAGE_VERSION) return null;
  const view = viewOf(message);
  const count = view.getUint32(1);
  const frames: Frame[] = [];
  let at = HEADER_BYTES;
  while (at < message.byteLength) {
    const end = frameEnd(message, at);
    if (end === null) return null;
    const bodyAt = at + 2 * LENGTH_BYTES + view.getUint32(at);
    frames.push({ head: message.subarray(at, bodyAt), body: message.subarray(bodyAt, end) });
    at = end;
  }
  return frames.length === count && count > 0 ? frames : null;
}

/** A batch's envelope, unchecked, for who passes it on; null where it is no JSON object. */
export function envelopeOfFrame({ head }: Frame): Record<string, unknown> | null {
  try {
    const text = new TextDecoder().decode(head.subarray(LENGTH_BYTES, head.byteLength - LENGTH_BYTES));
    const envelope: unknown = JSON.parse(text);
    return typeof envelope === "object" && envelope !== null ? (envelope as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const DURABLE_STREAM = utf8.encode('"durable":"stream"');
/** As long, so that no length changes. */
const DURABLE_SPOOL = utf8.encode('"durable":"spool" ');

/**
 * Frames one after the other, each envelope saying `"durable": "spool"`, and all else as it was, members unknown here too.
 * The bytes are changed where they stand: parsing an envelope and writing it anew costs as much as storing it. They stand
 * once before all that is nested, and in no string, where a quote is escaped.
 */
export function spooledFrames(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frameBytes(frame), 0));
  let at = 0;
  for (const { head, body } of frames) {
    bytes.set(head, at);
    const durableAt = indexOf(head, DURABLE_STREAM);
    if (durableAt >= 0) bytes.set(DURABLE_SPOOL, at + durableAt);
    at += head.byteLength;
    bytes.set(body, at);
    at += body.byteLength;
  }
  return bytes;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = 0; at + wanted.byteLength <= bytes.byteLength; at++) {
    let same = 0;
    while (same < wanted.byteLength && bytes[at + same] === wanted[same]) same++;
    if (same === wanted.byteLength) return at;
  }
  return -1;
}

/** Where the frame that begins at `start` ends; null where the bytes end before. */
function frameEnd(bytes: Uint8Array, start: number): number | null {
  const view = viewOf(bytes);
  if (start + 2 * LENGTH_BYTES > bytes.byteLength) return null;
  const bodyLengthAt = start + LENGTH_BYTES + view.getUint32(start);
  if (bodyLengthAt + LENGTH_BYTES > bytes.byteLength) return null;
  const end = bodyLengthAt + LENGTH_BYTES + view.getUint32(bodyLengthAt);
  return end > bytes.byteLength ? null : end;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Never throws. Bodies are views into `message`, not copies. */
export function decodeMessage(message: Uint8Array): DecodedMessage {
  if (message.byteLength < HEADER_BYTES) return { ok: false, reason: "message_truncated" };
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const version = view.getUint8(0);
  if (version !== MESSAGE_VERSION) return { ok: false, reason: `message_version_unknown: ${version}` };
  const count = view.getUint32(1);
  let at = HEADER_BYTES;
  const take = (): Uint8Array | null => {
    if (at + LENGTH_BYTES > message.byteLength) return null;
    const start = at + LENGTH_BYTES;
    const end = start + view.getUint32(at);
    if (end > message.byteLength) return null;
    at = end;
    return message.subarray(start, end);
  };
  const batches: DecodedBatch[] = [];
  for (let i = 0; i < count; i++) {
    const envelope = take();
    const body = envelope && take();
    if (!envelope || !body) return { ok: false, reason: "message_truncated" };
    batches.push(decodeBatch(envelope, body));
  }
  if (count === 0) return { ok: false, reason: "message_empty" };
  if (at !== message.byteLength) return { ok: false, reason: "message_overlong" };
  return { ok: true, batches };
}

function decodeBatch(bytes: Uint8Array, body: Uint8Array): DecodedBatch {
  const envelopeText = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(envelopeText);
  } catch {
    return { ok: false, reason: "envelope_not_json", envelopeText, body };
  }
  const parsed = StreamedEnvelope.safeParse(json);
  if (parsed.success) return { ok: true, envelope: parsed.data, body };
  const [issue] = parsed.error.issues;
  return { ok: false, reason: `envelope_malformed: ${issue?.path.join(".")} ${issue?.message}`, envelopeText, body };
}
