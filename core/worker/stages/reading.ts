/**
 * How many values are made of what one batch says. A body of 141 bytes can hold sixteen million, which took a worker's
 * thread for half a minute and 2 GB: they are counted in the bytes before anything is made of them.
 */
import { VALUES_MAX } from "#protocol/limits.ts";

/** What is left of it while a batch's events are read in their order: the same at every attempt. */
export interface Reading {
  left: number;
}

export function newReading(): Reading {
  return { left: VALUES_MAX };
}
