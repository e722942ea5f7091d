import { useEffect } from "react";
import { type Gap, gapAt } from "./gaps.ts";
import type { SessionPlayer } from "./player.ts";
import { useAtPlayhead } from "./use-player-state.ts";

/** The gap that the playhead stands in. What plays does not stay in one: it goes on where the page is known again. */
export function useGaps(player: SessionPlayer | null, gaps: readonly Gap[]): Gap | undefined {
  const gap = useAtPlayhead(player, ({ state, timeMs }) => gapAt(gaps, state.windowId, timeMs), undefined);
  useEffect(() => {
    // Of what is recorded just now a batch may only be late.
    if (gap && player?.state.playing && !player.state.following) void player.seek(gap.toMs + 1);
  }, [player, gap]);
  return gap;
}
