/** The body of a batch: read, recognised and inflated, each step bounded while it runs. */
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { BodyEncoding } from "#protocol/envelope.ts";
import { BODY_BYTES_MAX } from "#protocol/limits.ts";
import { accept, type Result, refuse } from "./rejection.ts";

export interface Body {
  /** As it came: what travels on the stream. */
  sent: Uint8Array;
  encoding: BodyEncoding;
  inflated: Uint8Array;
}

const CONTENT_TYPES = ["application/json", "text/plain", ""];

const ENCODINGS = new Map<string, BodyEncoding>([
  ["", "identity"],
  ["identity", "identity"],
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "br"],
]);

const INFLATE = {
  gzip: gunzipSync,
  deflate: endingWith(inflateSync),
  br: endingWith(brotliDecompressSync),
};

/** What comes after a stream's end is an error to gunzip alone. */
function endingWith(inflate: typeof inflateSync | typeof brotliDecompressSync) {
  return (sent: Uint8Array, { maxOutputLength }: { maxOutputLength: number }): Uint8Array => {
    const inflated: unknown = inflate(sent, { maxOutputLength, info: true });
    // Not in the types: https://nodejs.org/api/zlib.html#class-options
    const { buffer, engine } = inflated as { buffer: Uint8Array; engine: { bytesWritten: number } };
    if (engine.bytesWritten !== sent.byteLength) throw new Error("bytes after the stream");
    return buffer;
  };
}

/** Whether the headers name a body that this route takes, found out before a byte of it is read. */
export function checkBodyHeaders(headers: Headers): Result<BodyEncoding> {
  const type = (headers.get("Content-Type") ?? "").split(";", 1)[0] as string;
  if (!CONTENT_TYPES.includes(type.trim().toLowerCase())) {
    return refuse("content_type_unknown", { detail: "Send application/json or text/plain." });
  }
  const encoding = ENCODINGS.get((headers.get("Content-Encoding") ?? "").trim().toLowerCase());
  return encoding ? accept(encoding) : refuse("encoding_unknown");
}

/** The body as sent, in full and within its bound, in memory that is no other's. */
export async function readSent(request: Request): Promise<Result<Uint8Array<ArrayBuffer>>> {
  const declared = Number(request.headers.get("Content-Length") ?? Number.NaN);
  let sent: Uint8Array<ArrayBuffer> | null = null;
  try {
    if (declared >= 0 && declared <= BODY_BYTES_MAX) sent = new Uint8Array(await request.arrayBuffer());
    else if (!(declared > BODY_BYTES_MAX)) sent = await readBounded(request);
  } catch {
    return refuse("body_malformed", { detail: "The body ended before its declared length." });
  }
  if (sent === null || sent.byteLength > BODY_BYTES_MAX) {
    return refuse("body_too_large", { detail: `A body may have ${BODY_BYTES_MAX} bytes as sent.` });
  }
  return sent.byteLength > 0 ? accept(sent) : refuse("body_malformed", { detail: "The body is empty." });
}

/**
 * @param labelled what `Content-Encoding` said; gzip without a label is recognised by its first bytes
 * @param inflatedBytesMax of the body's format (protocol/limits.ts)
 */
export function inflateBody(sent: Uint8Array, labelled: BodyEncoding, inflatedBytesMax: number): Result<Body> {
  const encoding = labelled === "identity" && isGzip(sent) ? "gzip" : labelled;
  const inflated = inflate(sent, encoding, inflatedBytesMax);
  return inflated.ok ? accept({ sent, encoding, inflated: inflated.value }) : inflated;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function inflate(sent: Uint8Array, encoding: BodyEncoding, maxOutputLength: number): Result<Uint8Array> {
  if (encoding === "identity") return accept(sent);
  try {
    return accept(INFLATE[encoding](sent, { maxOutputLength }));
  } catch (error) {
    // The one RangeError of zlib is the bound above, hit while it inflates; all else is about the bytes.
    if (error instanceof RangeError) {
      return refuse("body_too_large", { detail: `A body of this format may inflate to ${maxOutputLength} bytes.` });
    }
    return refuse("body_malformed", { detail: `The body is no whole ${encoding} stream.` });
  }
}

/**
 * Gives memory back that nobody reads from any longer: the next body comes into it while it is warm, where a collection
 * would free it many bodies later.
 */
export function giveBack(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) buffer.transfer(0);
}

/** What is read at once of a body of unknown length: it may come in chunks of one byte, each of which would hold a page. */
const READ_BYTES = 64 * 1024;

/** A body that does not declare its length, or null as soon as it passes the limit. */
async function readBounded(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader({ mode: "byob" });
  while (reader) {
    const { value, done } = await reader.readAtLeast(READ_BYTES, new Uint8Array(READ_BYTES));
    if (value) chunks.push(value);
    length += value?.byteLength ?? 0;
    if (length > BODY_BYTES_MAX) return null;
    if (done) break;
  }
  return concat(chunks, length);
}

function concat(chunks: Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
