import type { Envelope } from "#protocol/envelope.ts";
import type { DeletedHint } from "#protocol/repair.ts";
import { sessionOf } from "./ledgers.ts";

/** What the relays of each region are told of deleted sessions whose batches came by them: once a session. */
export function deletedHints(batches: readonly Envelope[]): { region: string; deleted: DeletedHint }[] {
  const hints = new Map<string, { region: string; deleted: DeletedHint }>();
  for (const { region, project_id, session_id } of batches) {
    if (region === undefined || region === null) continue;
    const deleted = { v: 1, project_id, session_id, deleted: true as const, at: Date.now() };
    hints.set(`${region} ${sessionOf(deleted)}`, { region, deleted });
  }
  return [...hints.values()];
}
