import { useEffect } from "react";
import type { SessionPlayer } from "./player.ts";
import { isDeed, type TimelineItem } from "./timeline-item.ts";
import { turnsOf } from "./windows.ts";

/** Has the player follow the visitor from window to window. */
export function useTurns(player: SessionPlayer | null, items: readonly TimelineItem[]): void {
  useEffect(() => player?.setTurns(turnsOf(items.filter(isDeed))), [player, items]);
}
