/**
 * Batches on their way to a relay that runs in this very isolate: in bare workerd every relay does. It is told where they
 * lie instead of being sent them, which saves copying each three times. What a call is needed for all the same: only in its
 * own context does a relay have its socket and its storage, and only the call's answer waits until that is written.
 *
 * A relay elsewhere finds nothing under the name, says so, and is sent the bytes.
 */
import type { Frame } from "#protocol/message.ts";

const laid = new Map<string, readonly Frame[]>();
/** Made by the first request: before it the platform gives no random numbers. */
let isolate = "";
let next = 0;

/** @returns the name under which they lie, of use in this isolate alone */
export function lay(frames: readonly Frame[]): string {
  isolate ||= crypto.randomUUID();
  const name = `${isolate} ${next++}`;
  laid.set(name, frames);
  return name;
}

export function find(name: string): readonly Frame[] | null {
  return laid.get(name) ?? null;
}

/** To be called when the relay has answered, or has not. */
export function takeAway(name: string): void {
  laid.delete(name);
}
