/**
 * Small JSON values in the browser's storage. A browser may forbid it, or have it full: then there is none, and the
 * recorder goes on with what it has in memory.
 */

import { toJson } from "./json.ts";

export type Area = "localStorage" | "sessionStorage";

/** The parsed value, or null where there is none or it cannot be read. */
export function readJson(area: Area, key: string): unknown {
  try {
    const text = window[area].getItem(key);
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export function writeJson(area: Area, key: string, value: unknown): void {
  try {
    window[area].setItem(key, toJson(value));
  } catch {
    // Forbidden or full.
  }
}

/** Reads a value and leaves none behind. */
export function takeJson(area: Area, key: string): unknown {
  const value = readJson(area, key);
  try {
    window[area].removeItem(key);
  } catch {
    // Forbidden.
  }
  return value;
}
