import { hash32 } from "./hash32.ts";

/**
 * Whether a project that records a part of its sessions records this one: by a hash of the session, so that edge and
 * recorder agree, and a session is recorded whole or not at all.
 *
 * @param rate 0 (none) to 1 (all)
 */
export function isSampledIn(sessionId: string, rate: number): boolean {
  return hash32(`sample:${sessionId}`) < rate * 2 ** 32;
}
