/** A session's player, bound to an element and to React. */
import { type RefObject, useEffect, useState } from "react";
import { preload } from "react-dom";
import type { Beginning } from "./beginning.ts";
import { LiveFeed, type LiveFeedOptions } from "./live-feed.ts";
import { SessionPlayer } from "./player.ts";
import { loadPlayer } from "./player-stage.ts";
import { fetchStretchFrom, stretchUrl } from "./recording.ts";
import { stretchEvents } from "./stretches.ts";
import { momentIn, type PlayableWindow, windowAt } from "./windows.ts";

// With the page's own scripts, not after them.
if (typeof document !== "undefined") void loadPlayer();

interface UsePlayerOptions {
  target: RefObject<HTMLElement | null>;
  eventsUrl: string;
  startTs: number;
  windows: readonly PlayableWindow[];
  beginning: Beginning;
  /** Of a session that goes on. */
  live?: LiveOptions | undefined;
}

export interface LiveOptions {
  url: string;
  /** Windows whose end has not come. */
  openWindows: readonly string[];
  knownWindows: readonly string[];
  /** Begin with what is recorded just now. */
  begin: boolean;
  /** Told whenever more of the session has come. */
  onMore(): void;
}

/** Null until the page is in a browser. Made anew for another session only. */
export function usePlayer({
  target,
  eventsUrl,
  startTs,
  windows,
  beginning,
  live,
}: UsePlayerOptions): SessionPlayer | null {
  const [player, setPlayer] = useState<SessionPlayer | null>(null);
  if (!player && !live?.begin) preloadFirst(eventsUrl, windows, beginning);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address names the session; the rest comes with it, and must not restart what plays
  useEffect(() => {
    if (!target.current || windows.length === 0) return;
    const fetchStored = fetchStretchFrom(eventsUrl);
    const player: SessionPlayer = new SessionPlayer({
      target: target.current,
      startTs,
      windows: windows.map((window) => ({ ...window, isOpen: live?.openWindows.includes(window.windowId) ?? false })),
      fetchStretch: (...asked) => (feed ? feed.fetchStretch(...asked) : fetchStored(...asked)),
    });
    const feed = live && feedOf(player, { ...live, startTs, fetchStored });
    if (live?.begin) void player.follow();
    else if (beginning.reason) void player.watch(beginning.reason.window_id, beginning.atMs);
    else void player.seek(beginning.atMs);
    setPlayer(player);
    const sizes = new ResizeObserver(() => player.resize());
    sizes.observe(target.current);
    return () => {
      sizes.disconnect();
      feed?.close();
      player.destroy();
      setPlayer(null);
    };
  }, [eventsUrl, windows.length > 0]);
  return player;
}

/** Tells the browser with the page what the player will ask for first, so that it comes while the scripts do. */
function preloadFirst(eventsUrl: string, windows: readonly PlayableWindow[], { atMs, reason }: Beginning): void {
  const [first] = windows;
  if (!first) return;
  const window = windows.find(({ windowId }) => windowId === reason?.window_id) ?? windowAt(windows, atMs) ?? first;
  const url = stretchUrl(eventsUrl, window.windowId, { atMs: momentIn(window, atMs) }, stretchEvents(null, atMs));
  preload(url, { as: "fetch", crossOrigin: "anonymous" });
}

function feedOf(
  player: SessionPlayer,
  { onMore, ...options }: LiveOptions & Pick<LiveFeedOptions, "startTs" | "fetchStored">,
): LiveFeed {
  return new LiveFeed({
    ...options,
    onMore(...more) {
      player.extend(...more);
      onMore();
    },
    onState(state) {
      player.setLive(state);
      if (state === "ended") onMore();
    },
  });
}
