/** What a player does, for rendering. */
import { useSyncExternalStore } from "react";
import { indexAt } from "./by-time.ts";
import type { PlayerState, SessionPlayer } from "./player.ts";

const never = () => () => {};

export function usePlayerState(player: SessionPlayer | null): PlayerState | null {
  return useSyncExternalStore(
    player ? (listener) => player.onState(listener) : never,
    () => player?.state ?? null,
    () => null,
  );
}

/** What is to be said of the moment that the playhead is at; `without` a player. Renders where that becomes another. */
export function useAtPlayhead<Said>(
  player: SessionPlayer | null,
  said: (player: SessionPlayer) => Said,
  without: Said,
): Said {
  return useSyncExternalStore(
    player ? (listener) => player.onTime(listener) : never,
    () => (player ? said(player) : without),
    () => without,
  );
}

/** Index of the last item that the playhead has come to; -1 before the first. Items are in time order. */
export function useCurrentIndex(player: SessionPlayer | null, items: readonly { at_ms: number }[]): number {
  return useAtPlayhead(player, ({ timeMs }) => indexAt(items, timeMs), -1);
}

/** The playhead in steps of `stepMs`: what follows it need not render every frame. */
export function usePlayerTime(player: SessionPlayer | null, stepMs: number): number {
  return useAtPlayhead(player, ({ timeMs }) => Math.floor(timeMs / stepMs) * stepMs, 0);
}
