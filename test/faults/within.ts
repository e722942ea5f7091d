import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

/** Asks until it is done. @throws Error with what it last said when that takes too long */
export async function within(
  timeoutMs: number,
  wanted: string,
  ask: () => Promise<{ done: boolean; now: string }>,
): Promise<void> {
  for (const giveUpAt = Date.now() + timeoutMs; ; await sleep(POLL_MS)) {
    const { done, now } = await ask();
    if (done) return;
    if (Date.now() > giveUpAt) throw new Error(`not within ${timeoutMs / 1_000} s: ${wanted}; now ${now}`);
  }
}
