/** Reads recordings as byte slices, so that what is posted is what the file says: no number is rounded on the way. */
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { arrayElements, findMember } from "#protocol/json-scan.ts";

const NEWLINE = 0x0a;
const OPEN_ARRAY = 0x5b;

export interface Recording {
  /** Each rrweb event as its own JSON text. */
  events: Uint8Array[];
  bytes: number;
}

/**
 * @param file an array of rrweb events, an object with a member `events`, or one event a line; gzipped or not
 * @throws Error that says what is wrong with the file
 */
export async function readRecording(file: string): Promise<Recording> {
  const raw = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read: ${error.code ?? error.message}`);
  });
  return parseRecording(inflate(raw, file), file);
}

/** @param name stands in the error */
export function parseRecording(text: Uint8Array, name = "the recording"): Recording {
  const slices = eventSlices(text);
  if (slices.length === 0) throw new Error(`${name} holds no rrweb events`);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  slices.forEach((slice, index) => {
    try {
      JSON.parse(decoder.decode(slice));
    } catch {
      throw new Error(`${name}: event ${index} is not JSON`);
    }
  });
  return { events: slices, bytes: slices.reduce((sum, slice) => sum + slice.byteLength, 0) };
}

function inflate(raw: Uint8Array, file: string): Uint8Array {
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw;
  try {
    return gunzipSync(raw);
  } catch {
    throw new Error(`${file} begins like gzip and is not whole`);
  }
}

function eventSlices(text: Uint8Array): Uint8Array[] {
  const array = findMember(text, "events") ?? wholeArray(text);
  const elements = array && arrayElements(text, array);
  if (elements) return elements.map(({ start, end }) => text.subarray(start, end));
  return lines(text);
}

function wholeArray(text: Uint8Array) {
  const trimmed = trim(text, 0, text.byteLength);
  return text[trimmed.start] === OPEN_ARRAY ? trimmed : null;
}

function lines(text: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let start = 0; start < text.byteLength; ) {
    const newline = text.indexOf(NEWLINE, start);
    const line = trim(text, start, newline === -1 ? text.byteLength : newline);
    if (line.end > line.start) found.push(text.subarray(line.start, line.end));
    start = newline === -1 ? text.byteLength : newline + 1;
  }
  return found;
}

function trim(text: Uint8Array, start: number, end: number) {
  const blank = (at: number) => (text[at] as number) <= 0x20;
  while (start < end && blank(start)) start++;
  while (end > start && blank(end - 1)) end--;
  return { start, end };
}
