/** What was accepted against what a reader gets: the events, and the ledger's word on them. */
import { type Range, union, without } from "#core/facts/ranges.ts";
import type { Sent, SentBatch } from "./batches.ts";
import type { Count } from "./fault.ts";
import type { Ledger, SessionRead } from "./session-read.ts";

/** @param read what the API tells, by session; those that it does not know are not there */
export function countReads(sent: Sent, read: ReadonlyMap<string, SessionRead>): Count {
  const total = { lost: 0, doubled: 0, foreign: 0 };
  const untrue: string[] = [];
  const accepted = Map.groupBy(sent.accepted.values(), ({ sessionId }) => sessionId);
  const givenUp = Map.groupBy(sent.givenUp, ({ sessionId }) => sessionId);
  for (const sessionId of new Set([...accepted.keys(), ...givenUp.keys()])) {
    const { eventHashes = [], ledger = null } = read.get(sessionId) ?? {};
    // Whether a batch without a 202 came through, nobody can know; events and ledger must say the same of it.
    const arrived = (givenUp.get(sessionId) ?? []).filter((batch) => ledger !== null && isReceived(batch, ledger));
    const batches = [...(accepted.get(sessionId) ?? []), ...arrived].sort((a, b) => a.seq - b.seq);
    const events = countEvents(batches, eventHashes);
    total.lost += events.lost;
    total.doubled += events.doubled;
    total.foreign += events.foreign;
    const difference = differenceOf(ledger, batches) ?? (events.inOrder ? null : "its events come in another order");
    if (difference !== null) untrue.push(`session ${sessionId}: ${difference}`);
  }
  for (const sessionId of sent.badSessions) if (read.has(sessionId)) total.foreign++;
  return { ...total, untrue, copies: null };
}

/** @param batches of one session, in their order */
function countEvents(batches: readonly SentBatch[], read: readonly string[]) {
  const expected = batches.flatMap(({ eventHashes }) => eventHashes);
  // A recording may hold the same event twice.
  const wanted = timesOf(expected);
  const found = timesOf(read);
  const more = (hash: string) => (found.get(hash) ?? 0) - (wanted.get(hash) ?? 0);
  const lost = batches.filter(({ eventHashes }) => eventHashes.some((hash) => more(hash) < 0)).length;
  const doubled = batches.filter(({ eventHashes }) => eventHashes.some((hash) => more(hash) > 0)).length;
  const foreign = [...found.keys()].filter((hash) => !wanted.has(hash)).length;
  const isWhole = lost === 0 && doubled === 0 && foreign === 0;
  return { lost, doubled, foreign, inOrder: !isWhole || read.every((hash, i) => hash === expected[i]) };
}

function timesOf(hashes: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const hash of hashes) times.set(hash, (times.get(hash) ?? 0) + 1);
  return times;
}

function isReceived({ windowId, seq }: SentBatch, { windows }: Ledger): boolean {
  const window = windows.find(({ window_id }) => window_id === windowId);
  return window?.received.some(([from, to]) => from <= seq && seq <= to) ?? false;
}

/** @param batches what has arrived of a session, in its order. @returns null where the ledger says just that */
function differenceOf(ledger: Ledger | null, batches: readonly SentBatch[]): string | null {
  const wanted = ledgerOf(batches);
  if (JSON.stringify(ledger) === JSON.stringify(wanted)) return null;
  return `its ledger is ${JSON.stringify(ledger)}, not ${JSON.stringify(wanted)}`;
}

/** As the client would write it. Each batch says by its `seq` how far its window has been sealed. */
function ledgerOf(batches: readonly SentBatch[]): Ledger | null {
  const last = batches.at(-1);
  if (!last) return null;
  const asLists = (ranges: readonly Range[]) => ranges.map(([from, to]): [number, number] => [from, to]);
  const received = union(batches.map(({ seq }) => [seq, seq]));
  const missing = without([[0, last.seq]], received);
  return {
    complete: missing.length === 0 && last.end,
    windows: [
      {
        window_id: last.windowId,
        received: asLists(received),
        missing: asLists(missing),
        dropped: [],
        rejected: [],
        conflicts: [],
        end: last.end,
      },
    ],
  };
}
