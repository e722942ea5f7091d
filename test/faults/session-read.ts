/** What the API tells of one session: the ledger as far as the client can know it, and the events. */
import { z } from "zod";
import { readEvents } from "#cli/read-back.ts";
import { hashOf } from "./batches.ts";

const RangeOfSeq = z.tuple([z.int(), z.int()]);

const Ledger = z.object({
  complete: z.boolean().nullable(),
  windows: z.array(
    z.object({
      window_id: z.string(),
      received: z.array(RangeOfSeq),
      missing: z.array(RangeOfSeq),
      dropped: z.array(z.unknown()),
      rejected: z.array(z.unknown()),
      conflicts: z.array(z.unknown()),
      end: z.boolean(),
    }),
  ),
});
export type Ledger = z.infer<typeof Ledger>;

export interface SessionRead {
  /** Of each event, in the order of the answer. */
  eventHashes: string[];
  ledger: Ledger;
}

export interface ReadAs {
  apiUrl: string;
  readKey: string;
  projectId: number;
}

const ANSWER_MS_MAX = 60_000;

/**
 * @returns null where the API knows no such session
 * @throws Error when it gives no answer to go by
 */
export async function readSession(readAs: ReadAs, sessionId: string): Promise<SessionRead | null> {
  const { apiUrl, readKey, projectId } = readAs;
  const response = await fetch(`${apiUrl}/v1/projects/${projectId}/sessions/${sessionId}/ledger`, {
    headers: { authorization: `Bearer ${readKey}` },
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the ledger answers ${response.status}: ${await response.text()}`);
  const ledger = Ledger.parse(await response.json());
  const events = await readEvents("ndjson", { ...readAs, sessionId });
  return { eventHashes: events.map((event) => hashOf(Buffer.from(event))), ledger };
}
