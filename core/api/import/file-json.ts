/** Walks the JSON of a file, which anybody may have written: once, in turns, and no more of it is built than is asked for. */
import { setImmediate as otherWork } from "node:timers/promises";
import type { z } from "zod";
import { elements, jsonDepth, members } from "#protocol/json-scan.ts";
import { JSON_DEPTH_MAX } from "#protocol/limits.ts";
import { problemIssues } from "#protocol/problem.ts";
import { Refusal } from "../refusal.ts";

/** Read before other requests get their turn. */
const TURN_BYTES = 4 * 1024 * 1024;
/** What the least of things costs, so that many small ones take turns as well. */
const THING_BYTES = 64;
/** Of an object that is walked: one with windows has the most. */
const MEMBERS_MAX = 1_000;

/** Long files are read in turns between which other requests go on, until `signal`. */
export class Turn {
  #left = TURN_BYTES;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async spend(bytes: number): Promise<void> {
    this.#left -= bytes + THING_BYTES;
    if (this.#left > 0) return;
    this.#left = TURN_BYTES;
    await otherWork();
    this.#signal.throwIfAborted();
  }
}

/**
 * An object's members by name, the last one where a name comes twice.
 * @throws Refusal `body_malformed` where it is no object, or has too many
 */
export async function membersOf(object: Uint8Array, path: string, turn: Turn): Promise<Map<string, Uint8Array>> {
  if (object[0] !== OPEN_OBJECT) throw malformed(path, "not an object");
  const found = new Map<string, Uint8Array>();
  let count = 0;
  for (const member of members(object)) {
    if (!member) throw malformed(path, "not JSON");
    if (++count > MEMBERS_MAX) throw malformed(path, `more than ${MEMBERS_MAX} members`);
    const name = parsed(object.subarray(member.name.start, member.name.end), path);
    found.set(String(name), object.subarray(member.value.start, member.value.end));
    await turn.spend(member.value.end - member.name.start);
  }
  return found;
}

/** @throws Refusal `body_malformed` where it is no array */
export async function* elementsOf(array: Uint8Array, path: string, turn: Turn): AsyncGenerator<Uint8Array> {
  for (const element of elements(array, { start: 0, end: array.byteLength })) {
    if (!element) throw malformed(path, "not an array");
    await turn.spend(element.end - element.start);
    yield array.subarray(element.start, element.end);
  }
}

const OPEN_OBJECT = 0x7b;

/** @param bytesMax of what is built whole, and may be as long as the file */
export function parsed(slice: Uint8Array, path: string, bytesMax = Number.POSITIVE_INFINITY): unknown {
  if (slice.byteLength > bytesMax) throw malformed(path, `over ${bytesMax} bytes`);
  if (jsonDepth(slice) > JSON_DEPTH_MAX) throw malformed(path, `deeper than ${JSON_DEPTH_MAX} levels`);
  try {
    return JSON.parse(Buffer.from(slice.buffer, slice.byteOffset, slice.byteLength).toString());
  } catch {
    throw malformed(path, "not JSON");
  }
}

export function malformed(path: string, message: string): Refusal {
  return new Refusal("body_malformed", { issues: [{ path, message }] });
}

export function malformedAt(path: string, error: z.ZodError): Refusal {
  const issues = problemIssues(error).map((issue) => ({
    ...issue,
    path: [path, issue.path].filter(Boolean).join("."),
  }));
  return new Refusal("body_malformed", { issues });
}
