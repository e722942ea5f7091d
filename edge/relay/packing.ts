/** How plain batches lie in the spool (docs/decisions/0029-spooled-together.md). */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { GROUP_BYTES_MAX } from "#protocol/limits.ts";
import type { Frame } from "#protocol/message.ts";

const PACKED_BYTES_MIN = 4_096;
/** The runtime counts by chunks, and refuses some outputs that are as long as they may be. */
const UNPACKED_BYTES_MAX = 2 * GROUP_BYTES_MAX;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;

/** Whether most of it is JSON as it is: what recorders have compressed does not pack. */
export function isMostlyPlain(frames: readonly Frame[]): boolean {
  let plain = 0;
  let all = 0;
  for (const { body } of frames) {
    all += body.byteLength;
    if (body[0] === OPEN_ARRAY || body[0] === OPEN_OBJECT) plain += body.byteLength;
  }
  return 2 * plain > all;
}

/**
 * By deflate: the runtime's zstd takes half as long, and throws at some inputs that do not pack (cloudflare/workerd#6769).
 * Null where it is of no use: a page holds as much as that, or packing would halt all else for long.
 */
export function pack(frames: Uint8Array): Uint8Array | null {
  if (frames.byteLength < PACKED_BYTES_MIN || frames.byteLength > GROUP_BYTES_MAX) return null;
  try {
    const packed = deflateRawSync(frames, { level: 1 });
    return packed.byteLength < frames.byteLength ? packed : null;
  } catch {
    return null;
  }
}

/** @param bytes that it had before; null where it is not whole */
export function unpack(data: Uint8Array, bytes: number): Uint8Array | null {
  try {
    const frames = inflateRawSync(data, { maxOutputLength: UNPACKED_BYTES_MAX });
    return frames.byteLength === bytes ? frames : null;
  } catch {
    return null;
  }
}
