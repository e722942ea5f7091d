/**
 * How many values are made of what one batch says. A body of 141 bytes can hold sixteen million, which took a worker's
 * thread for half a minute and 2 GB: they are counted in the bytes before anything is made of them.
 */
import type { Slice } from "#protocol/json-scan.ts";

/**
 * Of a batch. Real events that tell facts have some hundreds, and 12 MiB of small custom events, the most that a body of
 * `POST /e` inflates to, 600,000. As objects and lists, a million take about a second and 100 MB.
 */
export const VALUES_MAX = 1_000_000;

/** What is left of it while a batch's events are read in their order: the same at every attempt. */
export interface Reading {
  left: number;
}

export function newReading(): Reading {
  return { left: VALUES_MAX };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;

/** Objects, lists, and what lies in them; one more for each that is empty. Beyond `max` it is not counted on. */
export function countValues(text: Uint8Array, { start, end }: Slice, max: number): number {
  let values = 1;
  for (let at = start; at < end && values <= max; at++) {
    const byte = text[at];
    if (byte === QUOTE) {
      for (at++; at < end && text[at] !== QUOTE; at++) if (text[at] === BACKSLASH) at++;
    } else if (byte === COMMA || byte === OPEN_ARRAY || byte === OPEN_OBJECT) values++;
  }
  return values;
}
