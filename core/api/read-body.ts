import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Refusal } from "./refusal.ts";

/**
 * A file as it was uploaded, inflated where it is gzip, by its label or its first bytes.
 * @throws Refusal `body_too_large` as soon as it is, `body_malformed` where the gzip is not whole
 */
export async function readBody(body: AsyncIterable<Uint8Array> | null, bytesMax: number): Promise<Uint8Array> {
  if (!body) return new Uint8Array();
  const source = Readable.from(body, { objectMode: false });
  const chunks: Buffer[] = [];
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) return done(new Refusal("body_too_large", { detail: `over ${bytesMax} bytes inflated` }));
      chunks.push(chunk);
      done();
    },
  });
  try {
    const first = await peek(source);
    if (first?.[0] === 0x1f && first[1] === 0x8b) await pipeline(source, createGunzip(), sink);
    else await pipeline(source, sink);
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_")) {
      throw new Refusal("body_malformed", { detail: "the gzip is not whole" });
    }
    throw error;
  }
  return Buffer.concat(chunks, bytes);
}

/** The first bytes, which stay in the stream. */
async function peek(source: Readable): Promise<Buffer | null> {
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    source.unshift(chunk);
    return chunk as Buffer;
  }
  return null;
}
