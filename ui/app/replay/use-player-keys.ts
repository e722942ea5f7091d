import { type RefObject, useMemo } from "react";
import type { Key } from "../frame/keys.ts";
import { type KeyMoves, usePageKeys } from "../frame/use-page-keys.ts";
import type { SessionPlayer } from "./player.ts";
import { seekBy, stepToItem, toggleFit, toggleFullscreen } from "./player-moves.ts";
import type { TimelineItem } from "./timeline-item.ts";

export const PLAYER_KEYS: Key[] = [
  { keys: ["Space", "K"], does: "Play or pause" },
  { keys: ["←", "→"], does: "5 seconds back, ahead" },
  { keys: ["J", "L"], does: "10 seconds back, ahead" },
  { keys: ["⇧←", "⇧→"], does: "Previous, next event" },
  { keys: ["0", "…", "9"], does: "Tenths of the session" },
  { keys: ["F"], does: "Full screen" },
  { keys: ["W"], does: "Fit to width, fit the whole page" },
];

interface PlayerKeysOptions {
  player: SessionPlayer | null;
  items: readonly TimelineItem[];
  durationMs: number;
  theatre: RefObject<HTMLElement | null>;
  /** Where notes can be written. */
  onNote?: (() => void) | undefined;
}

/** The keys of whatever page has a player. */
export function usePlayerKeys({ player, items, durationMs, theatre, onNote }: PlayerKeysOptions): void {
  const moves = useMemo(
    () => player && movesOf(player, { items, durationMs, theatre, onNote }),
    [player, items, durationMs, theatre, onNote],
  );
  usePageKeys(moves);
}

function movesOf(
  player: SessionPlayer,
  { items, durationMs, theatre, onNote }: Omit<PlayerKeysOptions, "player">,
): KeyMoves {
  const toggle = () => (player.state.playing ? player.pause() : player.play());
  const arrow = (step: 1 | -1) => {
    return ({ shiftKey }: KeyboardEvent) => (shiftKey ? stepToItem(player, items, step) : seekBy(player, step * 5_000));
  };
  const tenths = Array.from({ length: 10 }, (_, tenth): [string, () => void] => [
    String(tenth),
    () => void player.seek((durationMs * tenth) / 10),
  ]);
  return new Map([
    [" ", toggle],
    ["k", toggle],
    ["j", () => seekBy(player, -10_000)],
    ["l", () => seekBy(player, 10_000)],
    ["f", () => toggleFullscreen(theatre.current)],
    ["w", () => toggleFit(player)],
    ["ArrowLeft", arrow(-1)],
    ["ArrowRight", arrow(1)],
    ...tenths,
    ...(onNote ? [["n", onNote] as const] : []),
  ]);
}
