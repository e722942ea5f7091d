import { useCallback, useMemo, useRef, useState } from "react";
import type { ShouldRevalidateFunctionArgs } from "react-router";
import { answer, answerOrNull, apiClient } from "../api.server.ts";
import { clock } from "../format/duration.ts";
import type { KeysHandle } from "../frame/keys.ts";
import { beginningOf, needsTimeline, textLookedFor } from "../replay/beginning.ts";
import { goesOn } from "../replay/completeness.ts";
import { gapsOf } from "../replay/gaps.ts";
import { SessionHeader } from "../replay/session-header.tsx";
import { SessionPanels } from "../replay/session-panels.tsx";
import { Theatre } from "../replay/theatre.tsx";
import { isOfStory, type TimelineItem } from "../replay/timeline-item.ts";
import { useLiveOptions } from "../replay/use-live-options.ts";
import { usePlayer } from "../replay/use-player.ts";
import { PLAYER_KEYS } from "../replay/use-player-keys.ts";
import { usePlayerState } from "../replay/use-player-state.ts";
import { useTimeline } from "../replay/use-timeline.ts";
import { useWatched } from "../replay/use-watched.ts";
import { playableWindows } from "../replay/windows.ts";
import { who } from "../sessions/who.ts";
import { isUuid } from "../uuid.ts";
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
    ...PLAYER_KEYS,
    { keys: ["[", "]"], does: "Previous, next session of the list" },
    { keys: ["N"], does: "Note at this moment" },
  ],
};

const NOTES_MAX = "500";

/**
 * A session with its ledger; what happened in it comes after the first frame, its events in stretches. Where it begins,
 * the address says (replay/beginning.ts); `?live=1` begins with what is recorded just now, where it goes on. `?list=` is
 * the search of the list that one came from.
 */
export async function loader(args: Route.LoaderArgs) {
  const { projectId, sessionId } = args.params;
  // The API calls it malformed; whoever opened a cut link is told that there is no such session.
  if (!isUuid(sessionId)) throw new Response(null, { status: 404 });
  const search = new URL(args.request.url).searchParams;
  const one = apiClient(args).v1.projects[":project_id"].sessions[":session_id"];
  const param = { project_id: projectId, session_id: sessionId };
  const [session, timeline, ledger, kept, noted, read] = await Promise.all([
    answer(one.$get({ param }), args),
    needsTimeline(search) ? answerOrNull(one.timeline.$get({ param }), args) : undefined,
    answerOrNull(one.ledger.$get({ param }), args),
    answerOrNull(one.assets.$get({ param }), args),
    answerOrNull(one.notes.$get({ param, query: { limit: NOTES_MAX } }), args),
    firstRead(args, textLookedFor(search)),
  ]);
  const items = timeline === null ? null : timeline?.items;
  return {
    session,
    items,
    ledger,
    assets: kept?.assets ?? null,
    notes: noted?.notes ?? null,
    beginning: beginningOf(search, session.started_at, [...(items ?? []), ...read]),
    goesOn: ledger ? goesOn(ledger, Date.now()) : session.incomplete_why === "open",
    beginLive: search.has("live"),
    url: `/projects/${projectId}/sessions/${sessionId}`,
  };
}

/** Where the session showed a text first; nowhere, if it is not known. */
async function firstRead(args: Route.LoaderArgs, text: string | null): Promise<TimelineItem[]> {
  if (text === null) return [];
  const { projectId, sessionId } = args.params;
  const { search } = apiClient(args).v1.projects[":project_id"];
  const query = { q: text, session_id: sessionId, limit: "1" };
  const found = await answerOrNull(search.$get({ param: { project_id: projectId }, query }), args);
  const sessions = found?.sessions ?? [];
  return sessions.map(({ at_ms, window_id, text }) => ({ at_ms, window_id, text, type: "$text_appeared" }));
}

type Loaded = Awaited<ReturnType<typeof loader>>;
export type SessionDetail = Loaded["session"];
export type SessionAsset = NonNullable<Loaded["assets"]>[number];
export type SessionNote = NonNullable<Loaded["notes"]>[number];

/** Looking at another moment of a session is no reason to ask for it again; nor is there any once it is deleted. */
export function shouldRevalidate({
  currentParams,
  nextParams,
  defaultShouldRevalidate,
  currentUrl,
  nextUrl,
  formAction,
}: ShouldRevalidateFunctionArgs) {
  const moved = currentUrl.href !== nextUrl.href;
  const isSame = currentParams.sessionId === nextParams.sessionId;
  return (moved && isSame) || formAction?.endsWith("/sessions/bulk") ? false : defaultShouldRevalidate;
}

export default function Session({ loaderData }: Route.ComponentProps) {
  // Going on to the next session of a list leaves the panel open that one looks at.
  const [tab, setTab] = useState("events");
  return <Replay key={loaderData.session.session_id} loaded={loaderData} tab={tab} onTab={setTab} />;
}

interface ReplayProps {
  loaded: Route.ComponentProps["loaderData"];
  tab: string;
  onTab: (id: string) => void;
}

function Replay({ loaded, tab, onTab }: ReplayProps) {
  const { session, ledger, assets, notes, url, beginLive } = loaded;
  const { person } = useFrame();
  // What is asked for again while it goes on does not move where it began.
  const [beginning] = useState(loaded.beginning);
  const live = useLiveOptions({ session, ledger, goesOn: loaded.goesOn, liveUrl: `${url}/live`, beginLive });
  const stage = useRef<HTMLDivElement>(null);
  const windows = useMemo(() => playableWindows(session), [session]);
  const windowIds = useMemo(() => session.windows.map(({ window_id }) => window_id), [session]);
  const player = usePlayer({
    target: stage,
    eventsUrl: `${url}/events`,
    startTs: session.start_ts,
    windows,
    beginning,
    live,
  });
  const { phase = "opening", endMs = 0 } = usePlayerState(player) ?? {};
  const items = useTimeline(`${url}/timeline`, loaded.items, windows.length > 0 && phase === "opening");
  const durationMs = Math.max(session.duration_ms, endMs, ...windows.map(({ toMs }) => toMs));
  const moments = useMemo(() => (items ?? []).filter(isOfStory), [items]);
  const gaps = useMemo(() => gapsOf(session, ledger), [session, ledger]);
  useWatched(player, durationMs);
  const noteInput = useRef<HTMLTextAreaElement>(null);
  const beginNote = useCallback(() => {
    player?.pause();
    onTab("notes");
    // The panel is there once the tab is.
    requestAnimationFrame(() => noteInput.current?.focus());
  }, [player, onTab]);
  return (
    <div className={styles.page}>
      <SessionHeader session={session} ledger={ledger} items={moments} player={player} />
      <div className={styles.body}>
        <Theatre
          player={player}
          stage={stage}
          windows={windows}
          windowIds={windowIds}
          durationMs={durationMs}
          activity={session.activity}
          pages={session.pages}
          moments={moments}
          notes={notes ?? []}
          reason={beginning.reason}
          gaps={gaps}
          onNote={beginNote}
        />
        <SessionPanels
          session={session}
          items={items}
          ledger={ledger}
          assets={assets}
          notes={notes}
          windowIds={windowIds}
          transcriptUrl={`${url}/transcript`}
          reason={beginning.reason}
          player={player}
          personId={person?.id ?? null}
          noteInput={noteInput}
          shown={tab}
          onShow={onTab}
        />
      </div>
    </div>
  );
}
