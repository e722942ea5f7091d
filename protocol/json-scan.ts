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

/** A member of an object: its name in its quotes, as it was written, and its value. */
interface Member {
  name: Slice;
  value: Slice;
}

/** The members of the top-level object, in order, none if the text is no object; null, and no more, where one is not whole. */
export function* members(text: Uint8Array): Generator<Member | null> {
  let at = skipBlank(text, 0);
  if (text[at] !== OPEN_OBJECT) return;
  at = skipBlank(text, at + 1);
  while (text[at] === QUOTE) {
    const name = { start: at, end: skipString(text, at) };
    at = skipBlank(text, name.end);
    const start = skipBlank(text, at + 1);
    const end = text[at] === COLON ? skipValue(text, start) : start;
    if (end <= start) return yield null;
    yield { name, value: { start, end } };
    at = skipBlank(text, end);
    if (text[at] === COMMA) at = skipBlank(text, at + 1);
  }
}

/**
 * Where the value of a member of the top-level object lies, its last one if the name comes twice (as JSON.parse has it).
 * Returns null if the text is no object or has no such member.
 */
export function findMember(text: Uint8Array, name: string): Slice | null {
  let found: Slice | null = null;
  for (const member of members(text)) {
    if (!member) return null;
    if (isName(text.subarray(member.name.start, member.name.end), name)) found = member.value;
  }
  return found;
}

/** The elements of the array that lies at `array`, in order; null, and no more, where the array is not whole. */
export function* elements(text: Uint8Array, array: Slice): Generator<Slice | null> {
  const last = array.end - 1;
  if (text[array.start] !== OPEN_ARRAY || text[last] !== CLOSE_ARRAY) return yield null;
  const bounded = text.subarray(0, array.end);
  let at = skipBlank(bounded, array.start + 1);
  if (at === last) return;
  for (;;) {
    const end = skipValue(bounded, at);
    if (end <= at || end > last) return yield null;
    yield { start: at, end };
    at = skipBlank(bounded, end);
    if (at === last) return;
    if (bounded[at] !== COMMA) return yield null;
    at = skipBlank(bounded, at + 1);
  }
}

/** All of the `elements`. Null if there is no whole array. */
export function arrayElements(text: Uint8Array, array: Slice): Slice[] | null {
  const found: Slice[] = [];
  for (const element of elements(text, array)) {
    if (!element) return null;
    found.push(element);
  }
  return found;
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

/** How many objects, lists, and values that lie in them; one more for each that is empty. Beyond `max` it is not counted on. */
export function countValues(text: Uint8Array, { start, end }: Slice, max: number): number {
  let values = 1;
  for (let at = start; at < end && values <= max; at++) {
    const byte = text[at];
    if (byte === QUOTE) at = skipString(text, at) - 1;
    else if (byte === COMMA || byte === OPEN_ARRAY || byte === OPEN_OBJECT) values++;
  }
  return values;
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
