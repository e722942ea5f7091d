import { type RefObject, useEffect } from "react";
import { isTyping } from "../frame/keys.ts";
import type { SessionPlayer } from "./player.ts";
import { seekBy, stepToItem, toggleFullscreen } from "./player-moves.ts";
import type { TimelineItem } from "./timeline-item.ts";

interface PlayerKeysOptions {
  player: SessionPlayer | null;
  items: readonly TimelineItem[];
  durationMs: number;
  theatre: RefObject<HTMLElement | null>;
  /** Where notes can be written. */
  onNote?: (() => void) | undefined;
}

/** The session page's keys. They pause while someone types, and leave a focused button its own. */
export function usePlayerKeys({ player, items, durationMs, theatre, onNote }: PlayerKeysOptions): void {
  useEffect(() => {
    if (!player) return;
    const moves = movesOf(player, { items, durationMs, theatre, onNote });
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || isElsewhere(event)) return;
      const move = moves.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
      if (!move) return;
      event.preventDefault();
      move(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [player, items, durationMs, theatre, onNote]);
}

type Move = (event: KeyboardEvent) => void;

function movesOf(player: SessionPlayer, { items, durationMs, theatre, onNote }: Omit<PlayerKeysOptions, "player">) {
  const toggle = () => (player.state.playing ? player.pause() : player.play());
  const arrow = (step: 1 | -1): Move => {
    return ({ shiftKey }) => (shiftKey ? stepToItem(player, items, step) : seekBy(player, step * 5_000));
  };
  const tenths = Array.from({ length: 10 }, (_, tenth): [string, Move] => [
    String(tenth),
    () => void player.seek((durationMs * tenth) / 10),
  ]);
  return new Map<string, Move>([
    [" ", toggle],
    ["k", toggle],
    ["j", () => seekBy(player, -10_000)],
    ["l", () => seekBy(player, 10_000)],
    ["f", () => toggleFullscreen(theatre.current)],
    ["ArrowLeft", arrow(-1)],
    ["ArrowRight", arrow(1)],
    ...tenths,
    ...(onNote ? [["n", onNote] as const] : []),
  ]);
}

/** A dialog or menu is open, or the key means something to the control that has the focus. */
function isElsewhere({ key, target }: KeyboardEvent): boolean {
  if (document.querySelector("[aria-modal=true], [role=menu]")) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (key === " ") return target.closest("button, a, summary, [role=tab]") !== null;
  return key.startsWith("Arrow") && target.closest("[role=slider], [role=tab], [role=tablist]") !== null;
}
