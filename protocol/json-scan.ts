/**
 * Finds where things lie in the bytes of a JSON text, without building objects: an event is stored as the very slice
 * that was sent, since JSON.parse and stringify would round numbers and reorder keys.
 *
 * These functions trust that the text is JSON: the edge has parsed the whole of it, the worker parses each slice.
 * Text that is not JSON gives `null` or slices that do not parse, never an endless loop or a read out of bounds.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Byte range in a text: `end` is exclusive. */
export interface Slice {
  start: number;
  end: number;
}

/**
 * Where the value of a member of the top-level object lies, its last one if the name comes twice (as JSON.parse has it).
 * Returns null if the text is no object or has no such member.
 */
export function findMember(text: Uint8Array, name: string): Slice | null {
  let at = skipBlank(text, 0);
  if (text[at] !== OPEN_OBJECT) return null;
  at = skipBlank(text, at + 1);
  let found: Slice | null = null;
  while (text[at] === QUOTE) {
    const keyEnd = skipString(text, at);
    const key = text.subarray(at, keyEnd);
    at = skipBlank(text, keyEnd);
    if (text[at] !== COLON) return null;
    const start = skipBlank(text, at + 1);
    const end = skipValue(text, start);
    if (end <= start) return null;
    if (isName(key, name)) found = { start, end };
    at = skipBlank(text, end);
    if (text[at] === COMMA) at = skipBlank(text, at + 1);
  }
  return found;
}

/** The elements of the array that lies at `array`, in order. Null if there is no whole array. */
export function arrayElements(text: Uint8Array, array: Slice): Slice[] | null {
  if (text[array.start] !== OPEN_ARRAY || text[array.end - 1] !== CLOSE_ARRAY) return null;
  const bounded = text.subarray(0, array.end);
  const elements: Slice[] = [];
  let at = skipBlank(bounded, array.start + 1);
  if (at === array.end - 1) return elements;
  for (;;) {
    const end = skipValue(bounded, at);
    if (end <= at) return null;
    elements.push({ start: at, end });
    at = skipBlank(bounded, end);
    if (at === array.end - 1) return elements;
    if (bounded[at] !== COMMA) return null;
    at = skipBlank(bounded, at + 1);
  }
}

/** How deep arrays and objects are nested: found before JSON.parse is asked to build them. */
export function jsonDepth(text: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === QUOTE) at = skipString(text, at) - 1;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) deepest = Math.max(deepest, ++depth);
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
  }
  return deepest;
}

function isName(quoted: Uint8Array, name: string): boolean {
  const text = new TextDecoder().decode(quoted);
  if (text === `"${name}"`) return true;
  if (!text.includes("\\")) return false;
  try {
    return JSON.parse(text) === name;
  } catch {
    return false;
  }
}

function skipBlank(text: Uint8Array, at: number): number {
  while (text[at] === 0x20 || text[at] === 0x0a || text[at] === 0x0d || text[at] === 0x09) at++;
  return at;
}

/** From an opening quote to just after the closing one, or to the end of the text. */
function skipString(text: Uint8Array, at: number): number {
  for (at++; at < text.length; at++) {
    const byte = text[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at + 1;
  }
  return text.length;
}

/** From the first byte of a value to just after its last. */
function skipValue(text: Uint8Array, at: number): number {
  const first = text[at];
  if (first === QUOTE) return skipString(text, at);
  if (first !== OPEN_ARRAY && first !== OPEN_OBJECT) return skipScalar(text, at);
  let depth = 0;
  while (at < text.length) {
    const byte = text[at];
    if (byte === QUOTE) {
      at = skipString(text, at);
      continue;
    }
    at++;
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
    else if ((byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) && --depth === 0) return at;
  }
  return text.length;
}

function skipScalar(text: Uint8Array, at: number): number {
  while (at < text.length) {
    const byte = text[at] as number;
    if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || byte <= 0x20) return at;
    at++;
  }
  return at;
}
