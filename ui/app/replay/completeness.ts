/** The ledger in one line: how much of what was recorded is here. */
import { whyIncomplete } from "../sessions/incomplete.ts";

/** First and last seq, inclusive. */
type Range = readonly number[];

export interface LedgerWindow {
  window_id: string;
  received: Range[];
  missing: Range[];
  /** The last ranges of it, and how many batches in all. */
  dropped: { from: number; to: number; reason: string }[];
  dropped_count: number;
  rejected: { seq: number; reason: string }[];
  duplicates: number;
  spooled: number;
  /** ISO 8601; null where nothing of it is loaded. */
  last_received_at: string | null;
  end: boolean;
}

export interface Ledger {
  complete: boolean | null;
  why: string | null;
  windows: LedgerWindow[];
}

interface Counted {
  /** Batches that are loaded, and all that are known of. */
  received: number;
  known: number;
  missing: number;
  dropped: number;
  rejected: number;
}

export function countedWindow({ received, missing, dropped_count, rejected }: LedgerWindow): Counted {
  const counts = {
    received: batchesIn(received),
    missing: batchesIn(missing),
    dropped: dropped_count,
    rejected: rejected.length,
  };
  return { ...counts, known: counts.received + counts.missing + counts.dropped + counts.rejected };
}

function countedSession(windows: readonly LedgerWindow[]): Counted {
  const all: Counted = { received: 0, known: 0, missing: 0, dropped: 0, rejected: 0 };
  for (const window of windows) {
    const counts = countedWindow(window);
    for (const key of Object.keys(all) as (keyof Counted)[]) all[key] += counts[key];
  }
  return all;
}

/** `complete 14/14`, `13/14 batches`; without numbers where the recorder does not number its batches. */
export function completenessInWords({ complete, windows }: Ledger): string {
  const { received, known } = countedSession(windows);
  if (complete === null) return "not numbered";
  return complete ? `complete ${received}/${known}` : `${received}/${known} batches`;
}

/** Why it is as it is, as a clause. */
export function completenessReason({ complete, why }: Ledger): string {
  if (complete === null) return "this recorder does not number its batches, so nobody can tell whether one is missing";
  return complete ? "all that was recorded is here" : whyIncomplete(why);
}

/** A window that has been silent for longer has ended (core/facts/ledger.ts). */
const OPEN_MS = 30 * 60_000;

/** Whether more may come of it, whatever is missing. @param now ms since 1970 */
export function goesOn({ windows }: Pick<Ledger, "windows">, now: number): boolean {
  return windows.some(({ end, last_received_at }) => !end && now - Date.parse(last_received_at ?? "") < OPEN_MS);
}

function batchesIn(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [first = 0, last = -1]) => sum + last - first + 1, 0);
}
