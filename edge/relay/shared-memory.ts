/**
 * Batches on their way to a relay that runs in this very isolate: in bare workerd every relay does. It is told where they
 * lie instead of being sent them, which saves copying each three times, and takes what comes meanwhile by itself, which
 * saves a call for each group. The first call is needed all the same: only in its own context does a relay have its socket
 * and its storage.
 *
 * A relay elsewhere finds nothing under the name, says so, and is sent the bytes.
 */
import type { Supply } from "./line.ts";

const laid = new Map<string, Supply>();
/** Made by the first request: before it the platform gives no random numbers. */
let isolate = "";
let next = 0;

/** @returns the name under which they lie, of use in this isolate alone */
export function lay(supply: Supply): string {
  isolate ||= crypto.randomUUID();
  const name = `${isolate} ${next++}`;
  laid.set(name, supply);
  return name;
}

export function find(name: string): Supply | null {
  return laid.get(name) ?? null;
}

/** To be called when the relay has answered, or has not. */
export function takeAway(name: string): void {
  laid.delete(name);
}
