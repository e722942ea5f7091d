/** The windows of a session that can be shown, in session time. */
import type { PlayableWindow } from "./stretches.ts";

interface RecordedSession {
  start_ts: number;
  windows: { window_id: string; first_ts: number; last_ts: number; full_snapshots: number[] }[];
}

/**
 * A page can be shown from its first full snapshot on: what lies before (its batch was lost) is left out, and a window
 * without any is no window to play.
 */
export function playableWindows({ start_ts, windows }: RecordedSession): PlayableWindow[] {
  return windows.flatMap(({ window_id, first_ts, last_ts, full_snapshots }) => {
    const snapshotsMs = full_snapshots.map((ts) => ts - start_ts).sort((a, b) => a - b);
    const [first] = snapshotsMs;
    if (first === undefined) return [];
    return [
      { windowId: window_id, fromMs: Math.max(first_ts - start_ts, first), toMs: last_ts - start_ts, snapshotsMs },
    ];
  });
}
