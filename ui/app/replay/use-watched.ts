/** Tells the API how far the session was watched, once it was for a while. */
import { useEffect, useRef } from "react";
import { useFetcher, useLocation } from "react-router";
import type { SessionPlayer } from "./player.ts";

/** So long, or half of it, makes it watched. */
const WATCHED_MS = 10_000;
const TELL_EVERY_MS = 30_000;
/** Between two frames; a longer step of the playhead is a seek. */
const STEP_MS_MAX = 1_000;

export function useWatched(player: SessionPlayer | null, durationMs: number): void {
  const { pathname } = useLocation();
  const { submit } = useFetcher();
  const enoughMs = useRef(0);
  enoughMs.current = Math.min(WATCHED_MS, durationMs / 2);
  useEffect(() => {
    if (!player) return;
    let beforeMs = player.timeMs;
    let playedMs = 0;
    let toldAtMs = Number.NEGATIVE_INFINITY;
    return player.onTime(() => {
      const step = player.timeMs - beforeMs;
      beforeMs = player.timeMs;
      if (player.state.phase === "ready" && step > 0 && step <= STEP_MS_MAX * player.state.speed) playedMs += step;
      if (playedMs < enoughMs.current || playedMs < toldAtMs + TELL_EVERY_MS) return;
      toldAtMs = playedMs;
      void submit({ at_ms: Math.floor(beforeMs) }, { method: "post", action: `${pathname}/watched` });
    });
  }, [player, pathname, submit]);
}
