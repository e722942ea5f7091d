/**
 * Gzip in this very turn, for a page that goes: a CompressionStream would answer after its end. What rrweb tells shrinks to
 * some fifth, by repeats within 32 KB and the fixed codes of DEFLATE (RFC 1951, 3.2.6), which need no counting first.
 */

/** A repeat is looked for where the same four bytes stood last. */
const REPEAT_MIN = 4;
/** One byte more has a code of its own. */
const REPEAT_MAX = 257;
const DISTANCE_MAX = 32_768;
const HASH_BITS = 15;
const END_OF_BLOCK = 256;

/** The text of all parts together. */
export function gzipNow(parts: string[]): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(parts.join(""));
  const { length } = bytes;
  const view = new DataView(bytes.buffer);
  // A byte takes nine bits at most.
  const out = new Uint8Array(Math.ceil(length * 1.125) + 32);
  let size = 0;
  let held = 0;
  let heldBits = 0;
  /** One more than where bytes of this hash stood last. */
  const places = new Uint32Array(1 << HASH_BITS);

  /** Sixteen bits at most. */
  function put(value: number, bits: number): void {
    held |= value << heldBits;
    for (heldBits += bits; heldBits >= 8; heldBits -= 8) {
      out[size++] = held;
      held >>>= 8;
    }
  }

  /** Codes stand with their first bit first, all else with its last. */
  function putCode(code: number, bits: number): void {
    let turned = 0;
    for (let bit = 0; bit < bits; bit++) turned = (turned << 1) | ((code >> bit) & 1);
    put(turned, bits);
  }

  function putSymbol(symbol: number): void {
    if (symbol < 144) putCode(symbol + 48, 8);
    else if (symbol < END_OF_BLOCK) putCode(symbol + 256, 9);
    else if (symbol < 280) putCode(symbol - 256, 7);
    else putCode(symbol - 88, 8);
  }

  /** A length or a distance: the code of its range, of which there are `2 ** steps` to a power of two, and its place in it. */
  function putRange(value: number, steps: number, putIts: (code: number) => void): void {
    const bits = Math.max(31 - Math.clz32(value) - steps, 0);
    putIts((bits << steps) + (value >> bits));
    put(value & ((1 << bits) - 1), bits);
  }

  function put32(value: number): void {
    put(value & 0xffff, 16);
    put(value >>> 16, 16);
  }

  /** Where the next four bytes stood before, -1 if nowhere near. Notes that they stand here. */
  function lastPlaceOf(at: number): number {
    if (at + REPEAT_MIN > length) return -1;
    const next = view.getInt32(at);
    const hash = Math.imul(next, 0x9e3779b1) >>> (32 - HASH_BITS);
    const place = (places[hash] as number) - 1;
    places[hash] = at + 1;
    return place >= 0 && at - place <= DISTANCE_MAX && view.getInt32(place) === next ? place : -1;
  }

  // Magic number, DEFLATE, neither name nor time, of an unknown system.
  for (const byte of [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]) put(byte, 8);
  // The last block, of fixed codes.
  put(3, 3);
  for (let at = 0; at < length; ) {
    const place = lastPlaceOf(at);
    let end = at + 1;
    if (place < 0) putSymbol(bytes[at] as number);
    else {
      const endMax = Math.min(at + REPEAT_MAX, length);
      end = at + REPEAT_MIN;
      while (end < endMax && bytes[end] === bytes[place + end - at]) end++;
      putRange(end - at - 3, 2, (code) => putSymbol(code + END_OF_BLOCK + 1));
      putRange(at - place - 1, 1, (code) => putCode(code, 5));
    }
    while (++at < end) lastPlaceOf(at);
  }
  putSymbol(END_OF_BLOCK);
  put(0, -heldBits & 7);
  put32(crc32(bytes));
  put32(length);
  return out.slice(0, size);
}

function crc32(bytes: Uint8Array): number {
  const table = Int32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = (byte >>> 1) ^ (0xedb88320 & -(byte & 1));
    return byte;
  });
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 255] as number);
  return ~crc;
}
