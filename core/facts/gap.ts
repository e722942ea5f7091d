/**
 * When a gap in a window's ledger is lasting: when later batches have been there for a while (a minute by default), or
 * five times as long after the window's last batch. What is missing for a shorter time is only on another way: in a
 * spool, with a recorder that tries again, in another worker's hands.
 */
import type { WindowLedger } from "./ledger.ts";

/** How far a window had come at which time, by the clock of whoever watches it. Bounded, whatever a client sends. */
export interface WindowProgress {
  /** When the highest seq that is there grew, and to what; oldest first. */
  steps: readonly { at: number; seq: number }[];
  /** When the last of its batches came, ms. */
  last_at: number;
}

/** After so many times the time, a gap is lasting that no later batch shows, such as one at the window's end. */
const QUIET_TIMES = 5;

/** Steps are kept apart by this part of the time. They are dated up, so that no gap is taken for an older one. */
const STEPS_MAX = 60;

/**
 * Notes that a batch of the window came at `now`. To be told of each one from the moment a gap is there.
 *
 * @param before null at that moment: every batch after the gap is as new as the gap
 * @param lastingMs how long later batches must have been there
 */
export function progressOf(
  window: WindowLedger,
  before: WindowProgress | null,
  now: number,
  lastingMs: number,
): WindowProgress {
  // Of the steps that are old enough for any gap the last says all.
  const steps = (before?.steps ?? []).filter((_, i, all) => (all[i + 1]?.at ?? now) > now - lastingMs);
  const seq = window.received.at(-1)?.[1] ?? -1;
  const last = steps.at(-1);
  if (!last || seq > last.seq) {
    const apart = lastingMs / STEPS_MAX;
    const at = Math.ceil(now / apart) * apart;
    if (last?.at === at) steps.pop();
    steps.push({ at, seq });
  }
  return { steps, last_at: now };
}

/**
 * From when on a gap of the window is lasting, by the clock of `progress`, ms; null where it has none, or has ended and
 * nobody is there to be asked.
 *
 * @param askedThrough gaps up to this seq do not count: a snapshot has been asked for that comes after them; -1 for none
 */
export function lastsFrom(
  window: WindowLedger,
  progress: WindowProgress,
  askedThrough: number,
  lastingMs: number,
): number | null {
  // What is later than another gap is later than the lowest one too: that one is lasting first.
  const gap = window.missing.find(([, to]) => to > askedThrough);
  if (!gap || window.end) return null;
  const later = progress.steps.find(({ seq }) => seq > gap[1]);
  const quiet = progress.last_at + QUIET_TIMES * lastingMs;
  return later ? Math.min(later.at + lastingMs, quiet) : quiet;
}

/** The highest seq that the ledger knows of; -1 where it knows none. A snapshot that is taken now comes after it. */
export function highestKnown({ received, missing, dropped, rejected }: WindowLedger): number {
  const known = Math.max(received.at(-1)?.[1] ?? -1, missing.at(-1)?.[1] ?? -1, rejected.at(-1)?.seq ?? -1);
  // Not as arguments of one call: a window may have given up more ranges than a stack holds.
  return dropped.reduce((highest, { to }) => Math.max(highest, to), known);
}
