/** How close the playhead stays to what is recorded just now, while that is followed. Pure; all times are session time. */
import type { PlayableWindow } from "./windows.ts";

/** How far it may be behind before it jumps, and how far it is afterwards: some seconds to run on. */
const LAG_MS_MAX = 6_000;
const LAG_MS = 2_500;
/** A window gives way to another of which something newer than this has come. */
const SWITCH_MS = 3_000;

/** Where to watch a window that goes on. */
export function liveMoment({ toMs }: PlayableWindow): number {
  return toMs - LAG_MS;
}

/** Where to go on: what is followed is not left further and further behind. */
export function caughtUp(timeMs: number, untilMs: number): number {
  return untilMs - timeMs > LAG_MS_MAX ? untilMs - LAG_MS : timeMs;
}

/** Whether another window has what is newest. */
export function isAheadOf(shown: PlayableWindow, { toMs }: PlayableWindow): boolean {
  return toMs > shown.toMs + SWITCH_MS;
}

/** Whether so much of the window that is shown has come that it is not played up to. */
export function isOutrun(timeMs: number, { toMs }: PlayableWindow): boolean {
  return toMs > timeMs + 2 * LAG_MS_MAX;
}
