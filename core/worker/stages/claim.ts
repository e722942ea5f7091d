/** Settles, in one statement a lot, what each session's keys and partitions are computed from: see sessions-meta.ts. */
import { type Arrival, type Claim, proposeClaim } from "#core/facts/claim.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { claimSessions } from "#core/store/postgres/sessions-meta.ts";
import { type Dead, dead, type Held, held } from "../verdict.ts";
import type { DecodedBatch } from "./decode.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

export type ClaimedBatch = DecodedBatch & { claim: Claim };

/** @returns one verdict a batch in their order; a batch of a project that is gone is dead and holds up nobody */
export async function claim(batches: readonly DecodedBatch[], sql: Sql): Promise<(ClaimedBatch | Dead)[] | Held> {
  const bySession = Map.groupBy(batches, sessionOf);
  const proposals = [...bySession.values()].map((ofSession) => {
    const [first, ...rest] = ofSession.map(toArrival) as [Arrival, ...Arrival[]];
    const { project_id, session_id } = (ofSession[0] as DecodedBatch).envelope;
    return { project_id, session_id, ...proposeClaim([first, ...rest]) };
  });
  try {
    const claimed = await claimSessions(sql, proposals);
    const claims = new Map(claimed.map((session) => [`${session.project_id}:${session.session_id}`, session]));
    return batches.map((batch) => {
      const claim = claims.get(sessionOf(batch));
      if (!claim) return dead("project_gone", `project ${batch.envelope.project_id}`);
      // All of a session goes by its claim. What comes once its time is over would be removed unseen.
      const ageMs = batch.envelope.received_at - claim.first_received_at;
      if (ageMs >= claim.retention_days * DAY_MS)
        return dead("session_expired", `kept for ${claim.retention_days} days`);
      return { ...batch, claim };
    });
  } catch (error) {
    return held("postgres", error);
  }
}

function sessionOf({ envelope }: DecodedBatch): string {
  return `${envelope.project_id}:${envelope.session_id}`;
}

function toArrival({ envelope, last_ts }: DecodedBatch): Arrival {
  return { received_at: envelope.received_at, sent_at: envelope.sent_at ?? null, last_ts };
}
