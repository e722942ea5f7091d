/** The windows of a session, and which of them to watch. All times are session time. */

/** One tab's life, as it can be played. */
export interface PlayableWindow {
  windowId: string;
  fromMs: number;
  toMs: number;
  /** Where playback can begin, ascending. */
  snapshotsMs: readonly number[];
  /** It is still recorded: `toMs` is what has come of it until now. */
  isOpen?: boolean;
}

interface RecordedSession {
  start_ts: number;
  windows: { window_id: string; first_ts: number; last_ts: number; full_snapshots: number[] }[];
}

/**
 * The windows that can be shown, by their beginning. A page can be shown from its first full snapshot on: what lies
 * before (its batch was lost) is left out, and a window without any is no window to play.
 */
export function playableWindows({ start_ts, windows }: RecordedSession): PlayableWindow[] {
  const playable = windows.flatMap(({ window_id, first_ts, last_ts, full_snapshots }) => {
    const snapshotsMs = full_snapshots.map((ts) => ts - start_ts).sort((a, b) => a - b);
    const [first] = snapshotsMs;
    if (first === undefined) return [];
    return [
      { windowId: window_id, fromMs: Math.max(first_ts - start_ts, first), toMs: last_ts - start_ts, snapshotsMs },
    ];
  });
  return playable.sort((a, b) => a.fromMs - b.fromMs);
}

/** The window to show at a moment: `shown` if it was open then, else the one opened last, else the one before. */
export function windowAt(windows: readonly PlayableWindow[], timeMs: number, shown: PlayableWindow): PlayableWindow {
  const isOpen = ({ fromMs, toMs }: PlayableWindow) => fromMs <= timeMs && timeMs <= toMs;
  if (isOpen(shown)) return shown;
  return windows.findLast(isOpen) ?? windows.findLast(({ fromMs }) => fromMs <= timeMs) ?? windows[0] ?? shown;
}

/** The moment of a window to show. The stage shows what was before one: at that of the first snapshot, nothing. */
export function momentIn({ fromMs, toMs }: PlayableWindow, timeMs: number): number {
  return Math.min(Math.max(timeMs, fromMs + 1), toMs);
}

/** A window that opened while time went from `fromMs` to `toMs`: a new tab is where the visitor went. */
export function openedBetween(
  windows: readonly PlayableWindow[],
  fromMs: number,
  toMs: number,
): PlayableWindow | undefined {
  return windows.findLast((window) => fromMs < window.fromMs && window.fromMs <= toMs);
}

/** Where to go on when a window has ended: one that is still open, opened last; else the next to open. */
export function nextAfter(windows: readonly PlayableWindow[], endMs: number): PlayableWindow | undefined {
  const stillOpen = windows.findLast(({ fromMs, toMs }) => fromMs <= endMs && endMs < toMs);
  return stillOpen ?? windows.find(({ fromMs }) => fromMs > endMs);
}

/** The window with what is newest, of those that go on. */
export function newestOpen(windows: readonly PlayableWindow[]): PlayableWindow | undefined {
  return windows
    .filter(({ isOpen }) => isOpen)
    .reduce<PlayableWindow | undefined>((newest, one) => (newest && newest.toMs >= one.toMs ? newest : one), undefined);
}
