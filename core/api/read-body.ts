import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addAbortSignal, Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Refusal } from "./refusal.ts";

type Body = AsyncIterable<Uint8Array> | null;

/** Within the time that Node's server gives a request to arrive (`requestTimeout`), so that who is too slow is told. */
const BODY_MS = 4 * 60_000;

/**
 * A file as it was uploaded, inflated where it is gzip, by its label or its first bytes.
 * @throws Refusal `body_too_large` as soon as it is, `body_too_slow`, `body_malformed` where the gzip is not whole
 */
export async function readBody(body: Body, bytesMax: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  await inflate(
    body,
    bytesMax,
    sinkOf(async (chunk) => void chunks.push(chunk)),
  );
  return Buffer.concat(chunks);
}

/** A file that lies on disk, without a name: nothing is left of it, whatever ends. */
interface SpooledBody {
  /** All of it, in memory. */
  read(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** As `readBody`, for what would fill the memory while it comes. */
export async function spoolBody(body: Body, bytesMax: number): Promise<SpooledBody> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-upload-"));
  const file = await open(join(folder, "body"), "wx+", 0o600);
  await rm(folder, { recursive: true });
  try {
    await inflate(
      body,
      bytesMax,
      sinkOf((chunk) => file.appendFile(chunk)),
    );
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    async read() {
      const { size } = await file.stat();
      const whole = Buffer.allocUnsafeSlow(size);
      for (let at = 0; at < size; ) at += (await file.read(whole, at, size - at, at)).bytesRead;
      return whole;
    },
    close: () => file.close(),
  };
}

function sinkOf(take: (chunk: Buffer) => Promise<void>): Writable {
  return new Writable({ write: (chunk: Buffer, _, done) => void take(chunk).then(() => done(), done) });
}

async function inflate(body: Body, bytesMax: number, sink: Writable): Promise<void> {
  const source = Readable.from(body ?? [], { objectMode: false });
  let bytes = 0;
  const bound = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(new Refusal("body_too_large", { detail: `over ${bytesMax} bytes inflated` }));
      else done(null, chunk);
    },
  });
  const late = AbortSignal.timeout(BODY_MS);
  addAbortSignal(late, source);
  try {
    const first = await peek(source);
    const isGzip = first?.[0] === 0x1f && first[1] === 0x8b;
    if (isGzip) await pipeline(source, createGunzip(), bound, sink, { signal: late });
    else await pipeline(source, bound, sink, { signal: late });
  } catch (error) {
    if (late.aborted) throw new Refusal("body_too_slow");
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_")) {
      throw new Refusal("body_malformed", { detail: "the gzip is not whole" });
    }
    throw error;
  }
}

/** The first bytes, which stay in the stream. */
async function peek(source: Readable): Promise<Buffer | null> {
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    source.unshift(chunk);
    return chunk as Buffer;
  }
  return null;
}
