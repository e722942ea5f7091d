import { clock } from "../format/duration.ts";
import type { SessionPlayer } from "./player.ts";
import { usePlayerState } from "./use-player-state.ts";
import styles from "./window-lanes.module.css";
import type { PlayableWindow } from "./windows.ts";

interface WindowLanesProps {
  player: SessionPlayer | null;
  windows: readonly PlayableWindow[];
  /** Ids of the session's windows, in the order in which they are numbered. */
  windowIds: readonly string[];
  durationMs: number;
}

/** Several tabs as lanes under the timeline: when each was open, and a click to watch it. */
export function WindowLanes({ player, windows, windowIds, durationMs }: WindowLanesProps) {
  const state = usePlayerState(player);
  if (windows.length < 2) return null;
  const show = ({ windowId, fromMs, toMs }: PlayableWindow) => {
    const now = player?.timeMs ?? 0;
    void player?.watch(windowId, now >= fromMs && now <= toMs ? now : fromMs);
  };
  return (
    <fieldset className={styles.lanes} aria-label="Tabs of the session">
      {windows.map((window) => (
        <div key={window.windowId} className={styles.lane}>
          <button
            type="button"
            className={styles.window}
            style={{
              marginLeft: `${(window.fromMs / durationMs) * 100}%`,
              width: `${((window.toMs - window.fromMs) / durationMs) * 100}%`,
            }}
            aria-pressed={window.windowId === state?.windowId}
            aria-label={`Tab ${windowIds.indexOf(window.windowId) + 1}, open from ${clock(window.fromMs)} to ${clock(window.toMs)}`}
            onClick={() => show(window)}
          >
            Tab {windowIds.indexOf(window.windowId) + 1}
          </button>
        </div>
      ))}
    </fieldset>
  );
}
