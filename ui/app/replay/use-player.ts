/** A session's player, bound to an element and to React. */
import { type RefObject, useEffect, useState, useSyncExternalStore } from "react";
import { type PlayerState, SessionPlayer } from "./player.ts";
import { loadPlayer } from "./player-stage.ts";
import { fetchStretchFrom } from "./recording.ts";
import type { PlayableWindow } from "./windows.ts";

interface UsePlayerOptions {
  target: RefObject<HTMLElement | null>;
  eventsUrl: string;
  startTs: number;
  windows: readonly PlayableWindow[];
  /** Where to begin, in session time. */
  beginMs: number;
}

/** Null until the page is in a browser. Made anew for another session only. */
export function usePlayer({ target, eventsUrl, startTs, windows, beginMs }: UsePlayerOptions): SessionPlayer | null {
  const [player, setPlayer] = useState<SessionPlayer | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address names the session; the rest comes with it, and must not restart what plays
  useEffect(() => {
    if (!target.current || windows.length === 0) return;
    const player = new SessionPlayer({
      target: target.current,
      startTs,
      windows,
      fetchStretch: fetchStretchFrom(eventsUrl),
    });
    void loadPlayer(); // beside the first events, not after them
    void player.seek(beginMs);
    setPlayer(player);
    const sizes = new ResizeObserver(() => player.resize());
    sizes.observe(target.current);
    return () => {
      sizes.disconnect();
      player.destroy();
      setPlayer(null);
    };
  }, [eventsUrl]);
  return player;
}

const never = () => () => {};

/** What the player does, for rendering. */
export function usePlayerState(player: SessionPlayer | null): PlayerState | null {
  return useSyncExternalStore(
    player ? (listener) => player.onState(listener) : never,
    () => player?.state ?? null,
    () => null,
  );
}

/** The playhead in steps of `stepMs`: what follows it need not render every frame. */
export function usePlayerTime(player: SessionPlayer | null, stepMs: number): number {
  return useSyncExternalStore(
    player ? (listener) => player.onTime(listener) : never,
    () => (player ? Math.floor(player.timeMs / stepMs) * stepMs : 0),
    () => 0,
  );
}
