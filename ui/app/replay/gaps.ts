/** What is missing of a session, where it is missing, and why. Pure; all times are session time. */
import { counted } from "../format/duration.ts";
import type { Ledger, LedgerWindow } from "./completeness.ts";

export interface Gap {
  windowId: string;
  fromMs: number;
  /** The page is known again. */
  toMs: number;
  /** How much is missing, and why. */
  words: string;
}

interface RecordedSession {
  start_ts: number;
  windows: {
    window_id: string;
    gaps: { first_seq: number; last_seq: number; from_ts: number; to_ts: number }[];
  }[];
}

/** By window, in time order. @param ledger says why; null where it could not be had */
export function gapsOf({ start_ts, windows }: RecordedSession, ledger: Ledger | null): Gap[] {
  return windows.flatMap(({ window_id, gaps }) => {
    const ofWindow = ledger?.windows.find((window) => window.window_id === window_id);
    return gaps.map(({ first_seq, last_seq, from_ts, to_ts }) => ({
      windowId: window_id,
      fromMs: from_ts - start_ts,
      toMs: to_ts - start_ts,
      words: `${counted(last_seq - first_seq + 1, "batch", "batches")} ${why(ofWindow, first_seq, last_seq)}`,
    }));
  });
}

function why(ledger: LedgerWindow | undefined, first: number, last: number): string {
  const dropped = ledger?.dropped.find(({ from, to }) => from <= last && to >= first);
  if (dropped) return `given up by the recorder (${dropped.reason.replaceAll("_", " ")})`;
  const rejected = ledger?.rejected.find(({ seq }) => seq >= first && seq <= last);
  return rejected ? `could not be read (${rejected.reason.split(":")[0]?.replaceAll("_", " ")})` : "missing";
}

/** The gap in which a moment of a window lies. Where it ends there is a picture again, and at its last event still. */
export function gapAt(gaps: readonly Gap[], windowId: string, timeMs: number): Gap | undefined {
  return gaps.find((gap) => gap.windowId === windowId && gap.fromMs < timeMs && timeMs < gap.toMs);
}
