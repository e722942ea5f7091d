import { z } from "zod";
import { within } from "./within.ts";

/** What of the edge's /healthz the faults look at. */
const Answer = z.looseObject({
  status: z.string(),
  relays: z.array(
    z.looseObject({
      breaker: z.string().default("closed"),
      spooled_batches: z.int(),
      stuck: z.int(),
    }),
  ),
});

export interface Health {
  /** `ok`, `spooling` or `failing`. */
  status: string;
  breakerOpen: boolean;
  /** Batches without a PubAck, over all relays, stuck ones included. */
  spooledBatches: number;
}

const ANSWER_MS_MAX = 5_000;

/** @returns null where no answer came */
export async function readHealth(edgeUrl: string): Promise<Health | null> {
  try {
    const response = await fetch(`${edgeUrl}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const { status, relays } = Answer.parse(await response.json());
    return {
      status,
      breakerOpen: relays.some(({ breaker }) => breaker === "open"),
      spooledBatches: relays.reduce((sum, { spooled_batches, stuck }) => sum + spooled_batches + stuck, 0),
    };
  } catch {
    return null;
  }
}

/** Resolves when all of the spool has reached the stream, and what comes now does so at once. */
export async function spoolEmpty(edgeUrl: string, timeoutMs: number): Promise<void> {
  await within(timeoutMs, "the spool empty", async () => {
    const health = await readHealth(edgeUrl);
    return { done: health?.status === "ok" && health.spooledBatches === 0, now: JSON.stringify(health) };
  });
}
