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

/** From here on the visitor was in this window. */
export interface Turn {
  atMs: number;
  windowId: string;
}

/** When the visitor turned to another window. @param deeds what they did, in time order */
export function turnsOf(deeds: readonly { at_ms: number; window_id: string }[]): Turn[] {
  const turns: Turn[] = [];
  for (const { at_ms, window_id } of deeds) {
    if (turns.at(-1)?.windowId !== window_id) turns.push({ atMs: at_ms, windowId: window_id });
  }
  return turns;
}

/** Where the visitor was: in the window that they turned to last, or that opened since, for a new tab is where they went. */
function visitedAt(
  windows: readonly PlayableWindow[],
  turns: readonly Turn[],
  timeMs: number,
): PlayableWindow | undefined {
  const opened = windows.findLast(({ fromMs }) => fromMs <= timeMs);
  const turn = turns.findLast(({ atMs }) => atMs <= timeMs);
  if (!turn || (opened && opened.fromMs > turn.atMs)) return opened;
  return windows.find(({ windowId }) => windowId === turn.windowId) ?? opened;
}

/**
 * The window to show at a moment: the chosen one if it was open then, else where the visitor was, else one that was open,
 * else where they were last.
 */
export function windowAt(
  windows: readonly PlayableWindow[],
  timeMs: number,
  turns: readonly Turn[] = [],
  chosen?: PlayableWindow,
): PlayableWindow | undefined {
  const isOpen = ({ fromMs, toMs }: PlayableWindow) => fromMs <= timeMs && timeMs <= toMs;
  const visited = visitedAt(windows, turns, timeMs);
  const meant = [chosen, visited].find((window) => window && isOpen(window));
  return meant ?? windows.findLast(isOpen) ?? visited ?? windows[0];
}

/** The window that the visitor went to while time went from `fromMs` to `toMs`. */
export function wentTo(
  windows: readonly PlayableWindow[],
  turns: readonly Turn[],
  fromMs: number,
  toMs: number,
): PlayableWindow | undefined {
  const visited = visitedAt(windows, turns, toMs);
  const isThere = visited !== undefined && toMs <= visited.toMs;
  return isThere && visited !== visitedAt(windows, turns, fromMs) ? visited : undefined;
}

/** The moment of a window to show. The stage shows what was before one: at that of the first snapshot, nothing. */
export function momentIn({ fromMs, toMs }: PlayableWindow, timeMs: number): number {
  return Math.min(Math.max(timeMs, fromMs + 1), toMs);
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

interface MoreOfWindow {
  windowId: string;
  toMs: number;
  /** Full snapshots among it. */
  snapshotsMs: readonly number[];
}

/** Takes note of more of a window, or of a new one. @returns it; undefined where it cannot be played yet */
export function extendWindow(
  windows: PlayableWindow[],
  { windowId, toMs, snapshotsMs }: MoreOfWindow,
): PlayableWindow | undefined {
  const known = windows.find((window) => window.windowId === windowId);
  const fromMs = snapshotsMs[0];
  if (!known && fromMs === undefined) return undefined;
  const window = known ?? { windowId, fromMs: fromMs ?? toMs, toMs, snapshotsMs: [] };
  if (!known) windows.push(window);
  window.isOpen = true;
  window.toMs = Math.max(window.toMs, toMs);
  const later = snapshotsMs.filter((at) => at > (window.snapshotsMs.at(-1) ?? Number.NEGATIVE_INFINITY));
  window.snapshotsMs = [...window.snapshotsMs, ...later];
  return window;
}
