import { useMemo, useRef } from "react";
import type { ShouldRevalidateFunctionArgs } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { clock } from "../format/duration.ts";
import type { KeysHandle } from "../frame/keys.ts";
import { EventPanel } from "../replay/event-panel.tsx";
import { InfoPanel } from "../replay/info-panel.tsx";
import { PlayerControls } from "../replay/player-controls.tsx";
import { SessionHeader } from "../replay/session-header.tsx";
import { SidePanel } from "../replay/side-panel.tsx";
import { Stage } from "../replay/stage.tsx";
import { Track } from "../replay/track.tsx";
import { usePlayer } from "../replay/use-player.ts";
import { usePlayerKeys } from "../replay/use-player-keys.ts";
import { WindowLanes } from "../replay/window-lanes.tsx";
import { playableWindows } from "../replay/windows.ts";
import { who } from "../sessions/who.ts";
import type { Route } from "./+types/session";
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
    { keys: ["F"], does: "Full screen" },
  ],
};

/** A session with what happened in it and its ledger; its events come later, in stretches. `?t=` seconds to begin at. */
export async function loader(args: Route.LoaderArgs) {
  const { projectId, sessionId } = args.params;
  const one = apiClient(args).v1.projects[":project_id"].sessions[":session_id"];
  const param = { project_id: projectId, session_id: sessionId };
  const [session, timeline, ledger, kept] = await Promise.all([
    answer(one.$get({ param }), args),
    answer(one.timeline.$get({ param }), args).catch(withoutIt),
    answer(one.ledger.$get({ param }), args).catch(withoutIt),
    answer(one.assets.$get({ param }), args).catch(withoutIt),
  ]);
  const t = Number(new URL(args.request.url).searchParams.get("t"));
  return {
    session,
    items: timeline?.items ?? null,
    ledger,
    assets: kept?.assets ?? null,
    beginMs: Number.isFinite(t) && t > 0 ? t * 1000 : 0,
    eventsUrl: `/projects/${projectId}/sessions/${sessionId}/events`,
  };
}

/** A replay without its panel is better than none; who is not signed in is still sent to sign in. */
function withoutIt(thrown: unknown): null {
  if (thrown instanceof Response) throw thrown;
  return null;
}

export type SessionDetail = Awaited<ReturnType<typeof loader>>["session"];
export type SessionAsset = NonNullable<Awaited<ReturnType<typeof loader>>["assets"]>[number];

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
  const { session, items, ledger, assets, beginMs, eventsUrl } = loaderData;
  const target = useRef<HTMLDivElement>(null);
  const theatre = useRef<HTMLElement>(null);
  const windows = useMemo(() => playableWindows(session), [session]);
  const durationMs = Math.max(session.duration_ms, ...windows.map(({ toMs }) => toMs));
  const player = usePlayer({ target, eventsUrl, startTs: session.start_ts, windows, beginMs });
  const moments = items ?? [];
  usePlayerKeys({ player, items: moments, durationMs, theatre });
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
          />
          <WindowLanes player={player} windows={windows} durationMs={durationMs} />
        </section>
        <SidePanel
          eventCount={items?.length ?? null}
          events={<EventPanel items={items} player={player} severalWindows={session.windows.length > 1} />}
          info={<InfoPanel session={session} ledger={ledger} assets={assets} />}
        />
      </div>
    </div>
  );
}
