/**
 * The ledger: a session's own proof of what arrived. Pure over the attempts that are loaded and the batches that became
 * dead letters, so the worker (for `sessions_meta`) and the API (for `/ledger`) can never disagree.
 */
import type { DroppedRange } from "#protocol/batch.ts";
import { boundedDropped, droppedRanges } from "./dropped.ts";
import { type Range, union, without } from "./ranges.ts";

/** One delivery of a batch by a client whose rows are loaded: what a row of `batches` says for the ledger. */
export interface LoadedAttempt {
  window_id: string;
  seq: number;
  batch_id: string;
  /** The edge's clock, ms. With `batch_id` it names the attempt. */
  received_at: number;
  durable: string;
  sealed_through: number | null;
  dropped: readonly DroppedRange[];
  is_end: boolean;
}

/** A batch that got its 202 and is a dead letter. */
export interface RejectedBatch {
  window_id: string;
  seq: number;
  batch_id: string;
  reason: string;
}

export type IncompleteWhy = "missing" | "dropped" | "rejected" | "no_end" | "open";

export interface WindowLedger {
  window_id: string;
  /** Loaded ones. Ranges are inclusive. */
  received: Range[];
  /** Sealed by the client as far as is known, and neither here nor accounted for. Always empty for window `''`. */
  missing: Range[];
  /** Given up by the client, and not here after all: ranges of it, and how many batches in all (dropped.ts). */
  dropped: DroppedRange[];
  dropped_count: number;
  rejected: { seq: number; batch_id: string; reason: string }[];
  /** Different batches under one seq, the first received (which plays) first. Always empty for window `''`. */
  conflicts: { seq: number; batch_ids: string[] }[];
  /** Attempts beyond the first of each batch. */
  duplicates: number;
  /** Attempts that waited in the edge's spool. */
  spooled: number;
  /** ISO 8601; null where nothing of the window is loaded. */
  last_received_at: string | null;
  /** The last batch that is known of says that it is the last. */
  end: boolean;
}

export interface SessionLedger {
  /** null where nobody can tell: clients that know no windows number their batches anew on each page. */
  complete: boolean | null;
  why: IncompleteWhy | null;
  windows: WindowLedger[];
}

/** A window that has been silent for longer will hardly send its end any more. */
export const WINDOW_OPEN_MS = 30 * 60_000;

/**
 * @param attempts of one session, each attempt once
 * @param rejected its dead letters; one whose batch was loaded after all does not count
 * @param now ms, tells a window that is open from one that ended without saying so
 */
export function sessionLedger(
  attempts: readonly LoadedAttempt[],
  rejected: readonly RejectedBatch[],
  now: number,
): SessionLedger {
  const loaded = new Set(attempts.map(({ batch_id }) => batch_id));
  const lost = rejected.filter(({ batch_id }) => !loaded.has(batch_id));
  const byWindow = Object.groupBy(attempts, ({ window_id }) => window_id);
  const lostByWindow = Object.groupBy(lost, ({ window_id }) => window_id);
  const windows = [...new Set([...Object.keys(byWindow), ...Object.keys(lostByWindow)])]
    .map((id) => windowLedger(id, byWindow[id] ?? [], lostByWindow[id] ?? []))
    .sort((a, b) => (a.window_id < b.window_id ? -1 : 1));
  return { ...completeness(windows, now), windows };
}

/** What is lost is said before what is merely not over: nobody waits for it in vain. */
function completeness(windows: readonly WindowLedger[], now: number): Pick<SessionLedger, "complete" | "why"> {
  if (windows.some(({ missing }) => missing.length > 0)) return { complete: false, why: "missing" };
  if (windows.some(({ dropped }) => dropped.length > 0)) return { complete: false, why: "dropped" };
  if (windows.some(({ rejected }) => rejected.length > 0)) return { complete: false, why: "rejected" };
  const unended = windows.filter(({ window_id, end }) => window_id !== "" && !end);
  if (unended.length > 0) {
    const open = unended.some(({ last_received_at }) => now - Date.parse(last_received_at ?? "") < WINDOW_OPEN_MS);
    return { complete: false, why: open ? "open" : "no_end" };
  }
  const untold = windows.length === 0 || windows.some(({ window_id }) => window_id === "");
  return { complete: untold ? null : true, why: null };
}

function windowLedger(
  windowId: string,
  attempts: readonly LoadedAttempt[],
  lost: readonly RejectedBatch[],
): WindowLedger {
  const received = union(attempts.map(({ seq }) => [seq, seq]));
  const dropped = droppedRanges(
    attempts.flatMap((attempt) => attempt.dropped),
    received,
  );
  const highest = [
    ...attempts.flatMap(({ seq, sealed_through }) => [seq, sealed_through ?? -1]),
    ...lost.map(({ seq }) => seq),
    ...dropped.map(({ to }) => to),
  ].reduce((max, seq) => Math.max(max, seq), -1);
  const accounted: Range[] = [
    ...received,
    ...lost.map(({ seq }): Range => [seq, seq]),
    ...dropped.map(({ from, to }): Range => [from, to]),
  ];
  const numbered = windowId !== "";
  const lastReceivedAt = attempts.reduce((latest, { received_at }) => Math.max(latest, received_at), 0);
  return {
    window_id: windowId,
    received,
    missing: numbered ? without([[0, highest]], accounted) : [],
    ...boundedDropped(dropped),
    rejected: lost.map(({ seq, batch_id, reason }) => ({ seq, batch_id, reason })).sort((a, b) => a.seq - b.seq),
    conflicts: numbered ? conflicts(attempts) : [],
    duplicates: attempts.length - new Set(attempts.map(({ batch_id }) => batch_id)).size,
    spooled: attempts.filter(({ durable }) => durable === "spool").length,
    last_received_at: attempts.length > 0 ? new Date(lastReceivedAt).toISOString() : null,
    // A page that comes back from the bfcache goes on numbering after its end: only the last batch ends the window.
    end: attempts.some(({ is_end, seq }) => is_end && seq >= highest),
  };
}

function conflicts(attempts: readonly LoadedAttempt[]): WindowLedger["conflicts"] {
  const inOrder = attempts.toSorted(
    (a, b) => a.seq - b.seq || a.received_at - b.received_at || (a.batch_id < b.batch_id ? -1 : 1),
  );
  const bySeq = Map.groupBy(inOrder, ({ seq }) => seq);
  return [...bySeq]
    .map(([seq, all]) => ({ seq, batch_ids: [...new Set(all.map(({ batch_id }) => batch_id))] }))
    .filter(({ batch_ids }) => batch_ids.length > 1);
}
