import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type ShouldRevalidateFunctionArgs, useRevalidator } from "react-router";
import { answer, answerOrNull, apiClient } from "../api.server.ts";
import { clock } from "../format/duration.ts";
import type { KeysHandle } from "../frame/keys.ts";
import { ConsolePanel } from "../replay/console-panel.tsx";
import { EventPanel } from "../replay/event-panel.tsx";
import { InfoPanel } from "../replay/info-panel.tsx";
import { NetworkPanel } from "../replay/network-panel.tsx";
import { NotesPanel } from "../replay/notes-panel.tsx";
import { PlayerControls } from "../replay/player-controls.tsx";
import { SessionHeader } from "../replay/session-header.tsx";
import { type PanelTab, SidePanel } from "../replay/side-panel.tsx";
import { Stage } from "../replay/stage.tsx";
import { isOfConsole, isOfStory } from "../replay/timeline-item.ts";
import { Track } from "../replay/track.tsx";
import { type LiveOptions, usePlayer, usePlayerState } from "../replay/use-player.ts";
import { usePlayerKeys } from "../replay/use-player-keys.ts";
import { useWatched } from "../replay/use-watched.ts";
import { WindowLanes } from "../replay/window-lanes.tsx";
import { playableWindows } from "../replay/windows.ts";
import { who } from "../sessions/who.ts";
import type { Route } from "./+types/session";
import { useFrame } from "./project.tsx";
import styles from "./session.module.css";

export const meta: Route.MetaFunction = ({ loaderData }) => {
  if (!loaderData) return [{ title: "Session · rrHog" }];
  const { session } = loaderData;
  return [{ title: `${who(session)} · ${clock(session.duration_ms)} · rrHog` }];
};

export const handle: KeysHandle = {
  keys: [
    { keys: ["Space", "K"], does: "Play or pause" },
    { keys: ["←", "→"], does: "5 seconds back, ahead" },
    { keys: ["J", "L"], does: "10 seconds back, ahead" },
    { keys: ["⇧←", "⇧→"], does: "Previous, next event" },
    { keys: ["0", "…", "9"], does: "Tenths of the session" },
    { keys: ["N"], does: "Note at this moment" },
    { keys: ["F"], does: "Full screen" },
  ],
};

const NOTES_MAX = "500";

/** While it goes on, what happened in it is asked for again no more often than this. */
const ASK_AGAIN_MS = 5_000;

/**
 * A session with what happened in it and its ledger; its events come later, in stretches. `?t=` seconds to begin at;
 * `?live=1` begins with what is recorded just now, where it goes on.
 */
export async function loader(args: Route.LoaderArgs) {
  const { projectId, sessionId } = args.params;
  const one = apiClient(args).v1.projects[":project_id"].sessions[":session_id"];
  const param = { project_id: projectId, session_id: sessionId };
  const [session, timeline, ledger, kept, noted] = await Promise.all([
    answer(one.$get({ param }), args),
    answerOrNull(one.timeline.$get({ param }), args),
    answerOrNull(one.ledger.$get({ param }), args),
    answerOrNull(one.assets.$get({ param }), args),
    answerOrNull(one.notes.$get({ param, query: { limit: NOTES_MAX } }), args),
  ]);
  const search = new URL(args.request.url).searchParams;
  const t = Number(search.get("t"));
  return {
    session,
    items: timeline?.items ?? null,
    ledger,
    assets: kept?.assets ?? null,
    notes: noted?.notes ?? null,
    beginMs: Number.isFinite(t) && t > 0 ? t * 1000 : 0,
    beginLive: search.has("live"),
    eventsUrl: `/projects/${projectId}/sessions/${sessionId}/events`,
    liveUrl: `/projects/${projectId}/sessions/${sessionId}/live`,
  };
}

export type SessionDetail = Awaited<ReturnType<typeof loader>>["session"];
export type SessionAsset = NonNullable<Awaited<ReturnType<typeof loader>>["assets"]>[number];

export type SessionNote = NonNullable<Awaited<ReturnType<typeof loader>>["notes"]>[number];

/** Looking at another moment of a session is no reason to ask for it again. */
export function shouldRevalidate({
  currentParams,
  nextParams,
  defaultShouldRevalidate,
  currentUrl,
  nextUrl,
}: ShouldRevalidateFunctionArgs) {
  const moved = currentUrl.href !== nextUrl.href;
  return moved && currentParams.sessionId === nextParams.sessionId ? false : defaultShouldRevalidate;
}

export default function Session({ loaderData }: Route.ComponentProps) {
  const { session, items, ledger, assets, notes, beginMs, eventsUrl } = loaderData;
  const { person } = useFrame();
  const live = useLive(loaderData);
  const target = useRef<HTMLDivElement>(null);
  const theatre = useRef<HTMLElement>(null);
  const windows = useMemo(() => playableWindows(session), [session]);
  const player = usePlayer({ target, eventsUrl, startTs: session.start_ts, windows, beginMs, live });
  const endMs = usePlayerState(player)?.endMs ?? 0;
  const durationMs = Math.max(session.duration_ms, endMs, ...windows.map(({ toMs }) => toMs));
  const moments = useMemo(() => (items ?? []).filter(isOfStory), [items]);
  useWatched(player, durationMs);
  const [tab, setTab] = useState("events");
  const noteInput = useRef<HTMLTextAreaElement>(null);
  const beginNote = useCallback(() => {
    player?.pause();
    setTab("notes");
    // The panel is there once the tab is.
    requestAnimationFrame(() => noteInput.current?.focus());
  }, [player]);
  usePlayerKeys({ player, items: moments, durationMs, theatre, onNote: beginNote });
  const requests = useMemo(() => items?.filter(({ type }) => type === "$request").length ?? null, [items]);
  const lines = useMemo(() => items?.filter(isOfConsole).length ?? null, [items]);
  const tabs: PanelTab[] = [
    {
      id: "events",
      label: "Events",
      count: items && moments.length,
      panel: <EventPanel items={items} player={player} severalWindows={session.windows.length > 1} />,
    },
    { id: "console", label: "Console", count: lines, panel: <ConsolePanel items={items} player={player} /> },
    { id: "network", label: "Network", count: requests, panel: <NetworkPanel items={items} player={player} /> },
    {
      id: "notes",
      label: "Notes",
      count: notes?.length ?? null,
      panel: <NotesPanel notes={notes} player={player} personId={person?.id ?? null} input={noteInput} />,
    },
    {
      id: "info",
      label: "Info",
      count: null,
      panel: <InfoPanel session={session} ledger={ledger} assets={assets} />,
    },
  ];
  return (
    <div className={styles.page}>
      <SessionHeader session={session} ledger={ledger} player={player} />
      <div className={styles.body}>
        <section className={styles.theatre} ref={theatre} aria-label="Replay">
          <Stage ref={target} player={player} playable={windows.length > 0} />
          <PlayerControls player={player} items={moments} durationMs={durationMs} theatre={theatre} />
          <Track
            player={player}
            durationMs={durationMs}
            activity={session.activity}
            pages={session.pages}
            items={moments}
            notes={notes ?? []}
          />
          <WindowLanes player={player} windows={windows} durationMs={durationMs} />
        </section>
        <SidePanel tabs={tabs} shown={tab} onShow={setTab} />
      </div>
    </div>
  );
}

/** Undefined where the session is over. What is asked for again comes with it, and restarts nothing that plays. */
function useLive({ session, ledger, liveUrl, beginLive }: Route.ComponentProps["loaderData"]): LiveOptions | undefined {
  const { revalidate } = useRevalidator();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const askAgain = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void revalidate();
    }, ASK_AGAIN_MS);
  }, [revalidate]);
  const goesOn = session.incomplete_why === "open";
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
