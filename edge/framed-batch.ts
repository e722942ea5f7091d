/** The framed format of `POST /i`: a batch's facts in the query, its events alone as the body, as they are compressed. */
import type { BatchFacts } from "#protocol/batch.ts";
import { readFacts } from "./batch-facts.ts";
import type { ParsedBatch } from "./json-batch.ts";
import { accept, type Result, refuse } from "./rejection.ts";

const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** How the texts of the query say what JSON has other types for. What cannot be read is left as it is, for its refusal. */
const READERS: Record<string, (text: string) => unknown> = {
  seq: readDigits,
  sealed_at: readDigits,
  sealed_through: readDigits,
  user: readJson,
  dropped: readJson,
  end: (text) => ({ "1": true, true: true, "0": false, false: false })[text] ?? text,
};
const OTHERS = ["session_id", "window_id", "url", "sdk", "release", "environment"];

function readDigits(text: string): unknown {
  return /^\d{1,16}$/.test(text) ? Number(text) : text;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether a query says that the body is framed. */
export function isFramed(query: Readonly<Record<string, string>>): boolean {
  return "seq" in query || "session_id" in query;
}

export function readFramedFacts(query: Readonly<Record<string, string>>): Result<BatchFacts> {
  const raw: Record<string, unknown> = {};
  for (const name in query) {
    const text = query[name] as string;
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader) raw[name] = reader(text);
    else if (OTHERS.includes(name)) raw[name] = text;
  }
  // Optional in JSON, where clients in the field leave them out. Here nothing else says what the body is.
  for (const name of ["session_id", "seq"]) {
    if (!(name in raw)) return refuse("body_malformed", { issues: [{ path: `?${name}`, message: "missing" }] });
  }
  return readFacts(raw, "?");
}

/**
 * The body is known to be whole by its inflation. That it is an array is seen by its ends alone: the worker reads what
 * lies between, and what it cannot read becomes a dead letter.
 */
export function parseFramedBatch(facts: BatchFacts, inflated: Uint8Array): Result<ParsedBatch> {
  let start = 0;
  let end = inflated.byteLength;
  while (isBlank(inflated[start])) start++;
  while (end > start && isBlank(inflated[end - 1])) end--;
  const isArray = end - start >= 2 && inflated[start] === OPEN_ARRAY && inflated[end - 1] === CLOSE_ARRAY;
  if (!isArray) return refuse("body_malformed", { detail: "The framed body is no array of events." });
  let first = start + 1;
  while (isBlank(inflated[first])) first++;
  if (first === end - 1) return refuse("body_malformed", { detail: "The framed body has no event." });
  return accept({ facts, events: { start, end }, key: null });
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
