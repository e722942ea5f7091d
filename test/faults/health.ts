import { z } from "zod";

/** What of the edge's /healthz the faults look at. */
const Answer = z.looseObject({
  status: z.string(),
  relays: z.array(
    z.looseObject({
      breaker: z.string().default("closed"),
      spooled_batches: z.int(),
      spooled_bytes: z.int(),
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
  spooledBytes: number;
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
      spooledBytes: relays.reduce((sum, { spooled_bytes }) => sum + spooled_bytes, 0),
    };
  } catch {
    return null;
  }
}
