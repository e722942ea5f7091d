/**
 * From a body on the stream to its events: inflated within bounds, and cut into the slices that were sent.
 * Pure: the same bytes are decoded, or fail, alike at every delivery.
 */
import { isAscii, isUtf8 } from "node:buffer";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { FactEvent } from "#core/facts/page-view.ts";
import { tellsFacts } from "#core/facts/recorded-event.ts";
import { AnalyticsEvent } from "#protocol/analytics.ts";
import { batchId } from "#protocol/batch-id.ts";
import type { BodyEncoding, Envelope } from "#protocol/envelope.ts";
import { EventType } from "#protocol/event.ts";
import { arrayElements, countValues, jsonDepth, type Slice } from "#protocol/json-scan.ts";
import {
  FRAMED_INFLATED_BYTES_MAX,
  JSON_DEPTH_MAX,
  JSON_INFLATED_BYTES_MAX,
  TIMESTAMP_MS_MAX,
  VALUES_MAX,
} from "#protocol/limits.ts";
import { isWithinDepth } from "#protocol/value-depth.ts";
import { type Dead, dead, isDead } from "../verdict.ts";
import { parseExact } from "./parse-exact.ts";
import { newReading, type Reading } from "./reading.ts";
import { scanOne, scanRecording } from "./scan-recording.ts";

/** Where the event's own JSON text lies in the batch's. */
export type DecodedEvent = FactEvent & Slice;

export interface CustomEvent {
  name: string;
  /** The client's clock, ms. */
  ts: number;
  /** '' where it was not told. */
  url: string;
  props: Record<string, unknown>;
}

/** A batch as it came, of whichever stage. */
export interface StreamedBatch {
  /** Of its message. */
  stream_seq: number;
  envelope: Envelope;
  /** As sent. */
  body: Uint8Array;
}

export type DecodedBatch = StreamedBatch & Span & (Recorded | Custom);

/** `POST /i`: rrweb events. */
interface Recorded {
  holds: "recording";
  /** What was sent, inflated. */
  text: Uint8Array;
  events: DecodedEvent[];
}

/** `POST /e`: custom events. */
interface Custom {
  holds: "custom events";
  events: CustomEvent[];
}

interface Span {
  /** Least and greatest client time of the events, ms. */
  first_ts: number;
  last_ts: number;
}

const TOO_DEEP = dead("events_too_deep", `over ${JSON_DEPTH_MAX} levels`);
const TOO_MANY_VALUES = dead("events_too_many_values", `over ${VALUES_MAX} values`);

export function decodeBatch(batch: StreamedBatch): DecodedBatch | Dead {
  const { envelope, body } = batch;
  if (!isWithinDepth(envelope, JSON_DEPTH_MAX)) return dead("envelope_too_deep", `over ${JSON_DEPTH_MAX} levels`);
  const inflated = inflate(envelope, body);
  if (!(inflated instanceof Uint8Array)) return inflated;
  const array = { start: envelope.events_offset, end: envelope.events_offset + envelope.events_length };
  if (array.end > inflated.byteLength) return dead("events_out_of_bounds");
  const bytes = inflated.subarray(array.start, array.end);
  // The id is what a batch is folded by. If these are not the bytes that were admitted under it, loading them could
  // hide those that were; as a dead letter they are kept and nothing is hidden. Costs 2 % of the decoding.
  if (batchIdOf(envelope, bytes) !== envelope.batch_id) return dead("batch_id_wrong");
  if (!isUtf8(bytes)) return dead("events_not_utf8");
  if (envelope.format === "analytics") {
    if (jsonDepth(bytes) > JSON_DEPTH_MAX) return TOO_DEEP;
    // Nothing else holds these events: as a dead letter they are kept whole.
    if (countValues(inflated, array, VALUES_MAX) > VALUES_MAX) return TOO_MANY_VALUES;
    const events = cutEvents(inflated, array, parseCustomEvent);
    return isDead(events)
      ? events
      : { ...batch, holds: "custom events", events, ...spanOfTimes(events.map(({ ts }) => ts)) };
  }
  const events = scanRecording(inflated, array) ?? parseRecording(inflated, array);
  if (isDead(events)) return events;
  // A page may be as deep as it likes. What facts are made of is written anew, a level of the stack for each of its own.
  if (!events.every(({ data }) => isWithinDepth(data, JSON_DEPTH_MAX))) return TOO_DEEP;
  return {
    ...batch,
    holds: "recording",
    text: inflated,
    events,
    ...spanOfTimes(events.map(({ timestamp }) => timestamp)),
  };
}

const INFLATE: Record<Exclude<BodyEncoding, "identity">, typeof gunzipSync> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

function inflate({ encoding, format }: Envelope, body: Uint8Array): Buffer | Dead {
  const maxOutputLength = format === "framed" ? FRAMED_INFLATED_BYTES_MAX : JSON_INFLATED_BYTES_MAX;
  if (encoding === "identity") return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  try {
    return INFLATE[encoding](body, { maxOutputLength });
  } catch (error) {
    if (error instanceof RangeError) return dead("body_too_large", `over ${maxOutputLength} bytes inflated`);
    return dead("body_not_inflatable", error instanceof Error ? error.message : "");
  }
}

function batchIdOf(envelope: Envelope, events: Uint8Array): string {
  const { project_id: projectId, session_id: sessionId, window_id: windowId, seq } = envelope;
  return batchId({ projectId, sessionId, windowId, seq, events });
}

function parseRecording(text: Buffer, array: Slice): DecodedEvent[] | Dead {
  const reading = newReading();
  return cutEvents(text, array, (bytes, event) => parseEvent(bytes, event, reading));
}

function cutEvents<T>(text: Buffer, array: Slice, parse: (text: Buffer, event: Slice) => T | null): T[] | Dead {
  const slices = arrayElements(text, array);
  if (!slices) return dead("events_not_an_array");
  if (slices.length === 0) return dead("events_empty");
  const events: T[] = [];
  for (const [idx, slice] of slices.entries()) {
    const event = parse(text, slice);
    if (!event) return dead("event_malformed", `event ${idx}`);
    events.push(event);
  }
  return events;
}

/**
 * What `RrwebEvent` (protocol/event.ts) takes, checked by hand: this runs once an event. Of the parsed value only what
 * facts are read from is kept, since a lot of batches waits in memory for its insert.
 *
 * @param reading an event that has more values than it has left tells no more than what `scanOne` finds
 */
export function parseEvent(text: Buffer, { start, end }: Slice, reading: Reading): DecodedEvent | null {
  const values = countValues(text, { start, end }, reading.left);
  const isRead = values <= reading.left;
  const scanned = isRead ? null : scanOne(text, { start, end });
  if (scanned) return scanned;
  let json: unknown;
  try {
    // Bytes for characters: whether it is JSON, and its numbers, are the same, and a string of bytes is made faster.
    json = JSON.parse(text.toString("latin1", start, end));
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null) return null;
  const { type, timestamp, data } = json as { type?: unknown; timestamp?: unknown; data?: unknown };
  if (!Number.isInteger(type) || (type as number) < 0 || (type as number) > 255) return null;
  if (typeof timestamp !== "number" || !(timestamp >= 0 && timestamp <= TIMESTAMP_MS_MAX)) return null;
  const event = { type: type as number, timestamp, start, end };
  if (!isRead || !tellsFacts(event.type, data)) return event;
  reading.left -= values;
  return { ...event, data: toldData(event, data, text) };
}

/** The event's data with its texts as they were sent, and of what a site tracks the numbers too, which become props. */
function toldData({ type, start, end }: DecodedEvent, data: unknown, text: Buffer): unknown {
  if (type === EventType.Custom) return (parseExact(text.toString("utf8", start, end)) as { data?: unknown }).data;
  if (isAscii(text.subarray(start, end))) return data;
  return (JSON.parse(text.toString("utf8", start, end)) as { data?: unknown }).data;
}

/** The schema by which the edge admits it; props as they were sent. */
function parseCustomEvent(text: Buffer, { start, end }: Slice): CustomEvent | null {
  let json: unknown;
  try {
    json = parseExact(text.toString("utf8", start, end));
  } catch {
    return null;
  }
  const event = AnalyticsEvent.safeParse(json);
  if (!event.success) return null;
  const { name, ts, url } = event.data;
  return { name, ts, url: url ?? "", props: (json as Pick<AnalyticsEvent, "props">).props ?? {} };
}

export function spanOfTimes(times: readonly number[]): Span {
  let first_ts = Number.POSITIVE_INFINITY;
  let last_ts = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time < first_ts) first_ts = time;
    if (time > last_ts) last_ts = time;
  }
  return { first_ts, last_ts };
}
