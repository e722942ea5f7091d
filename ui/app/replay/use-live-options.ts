import { useCallback, useEffect, useRef } from "react";
import { useRevalidator } from "react-router";
import type { SessionDetail } from "../routes/session.tsx";
import type { Ledger } from "./completeness.ts";
import type { LiveOptions } from "./use-player.ts";

/** While it goes on, what happened in it is asked for again no more often than this. */
const ASK_AGAIN_MS = 5_000;

interface LiveSession {
  session: SessionDetail;
  ledger: Ledger | null;
  goesOn: boolean;
  liveUrl: string;
  beginLive: boolean;
}

/** Undefined where the session is over. What is asked for again comes with it, and restarts nothing that plays. */
export function useLiveOptions({ session, ledger, goesOn, liveUrl, beginLive }: LiveSession): LiveOptions | undefined {
  const { revalidate } = useRevalidator();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const askAgain = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void revalidate();
    }, ASK_AGAIN_MS);
  }, [revalidate]);
  const isPlayable = session.windows.some(({ full_snapshots }) => full_snapshots.length > 0);
  useEffect(() => {
    if (goesOn && !isPlayable) askAgain();
  });
  if (!goesOn) return undefined;
  const ended = new Set(ledger?.windows.flatMap(({ window_id, end }) => (end ? [window_id] : [])));
  const knownWindows = session.windows.map(({ window_id }) => window_id);
  return {
    url: liveUrl,
    knownWindows,
    openWindows: knownWindows.filter((id) => !ended.has(id)),
    begin: beginLive,
    onMore: askAgain,
  };
}
