/** Moves that the buttons and the keys share. */
import { indexAt } from "./by-time.ts";
import type { SessionPlayer } from "./player.ts";
import type { TimelineItem } from "./timeline-item.ts";

/** Going back lands on the item before, not on the one just reached. */
const JUST_REACHED_MS = 800;

/** To the next item (1) or the one before (-1), in its own window. */
export function stepToItem(player: SessionPlayer, items: readonly TimelineItem[], step: 1 | -1): void {
  const at = indexAt(items, step === 1 ? player.timeMs : player.timeMs - JUST_REACHED_MS);
  const item = step === 1 ? items[at + 1] : items[at];
  if (item) void player.watch(item.window_id, item.at_ms);
}

export function seekBy(player: SessionPlayer, ms: number): void {
  void player.seek(player.timeMs + ms);
}

export function toggleFit(player: SessionPlayer): void {
  player.setFit(player.state.fit === "width" ? "whole" : "width");
}

export function toggleFullscreen(element: HTMLElement | null): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  // A browser may refuse (no gesture, a policy): then the page stays as it is.
  else void element?.requestFullscreen().catch(() => {});
}

/** What opens the session at a moment. */
export function addressOfMoment(pathname: string, timeMs: number): string {
  return `${window.location.origin}${pathname}?t=${Math.round(timeMs) / 1_000}`;
}
