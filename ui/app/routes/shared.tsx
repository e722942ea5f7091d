import { useMemo, useRef } from "react";
import { answer, apiClient } from "../api.server.ts";
import { browserInWords } from "../format/device.ts";
import { clock } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import { Mark } from "../frame/mark.tsx";
import { msOfSession } from "../replay/beginning.ts";
import { EventPanel } from "../replay/event-panel.tsx";
import { PlayerControls } from "../replay/player-controls.tsx";
import headerStyles from "../replay/session-header.module.css";
import { Stage } from "../replay/stage.tsx";
import { isOfStory } from "../replay/timeline-item.ts";
import { Track } from "../replay/track.tsx";
import { usePlayer } from "../replay/use-player.ts";
import { usePlayerKeys } from "../replay/use-player-keys.ts";
import { WindowLanes } from "../replay/window-lanes.tsx";
import { playableWindows } from "../replay/windows.ts";
import type { Route } from "./+types/shared";
import styles from "./session.module.css";

export const meta: Route.MetaFunction = () => [
  { title: "Shared session · rrHog" },
  { name: "robots", content: "noindex, nofollow" },
];

/** What a share link opens, for whoever has it: no sign-in, nothing but its span. `?t=` seconds to begin at. */
export async function loader(args: Route.LoaderArgs) {
  const one = apiClient(args).v1.shared[":token"];
  const param = { token: args.params.token };
  const shared = await answer(one.$get({ param }), args);
  const timeline = await answer(one.timeline.$get({ param }), args).catch(() => null);
  return {
    shared,
    items: timeline?.items ?? null,
    beginning: { atMs: msOfSession(new URL(args.request.url).searchParams), reason: null },
    eventsUrl: `/shared/${args.params.token}/events`,
  };
}

/** Asking again would count as another opening. */
export function shouldRevalidate() {
  return false;
}

export default function Shared({ loaderData }: Route.ComponentProps) {
  const { shared, items, beginning, eventsUrl } = loaderData;
  const target = useRef<HTMLDivElement>(null);
  const theatre = useRef<HTMLElement>(null);
  const windows = useMemo(() => playableWindows(shared), [shared]);
  const durationMs = Math.max(shared.duration_ms, ...windows.map(({ toMs }) => toMs));
  const player = usePlayer({ target, eventsUrl, startTs: shared.start_ts, windows, beginning });
  const moments = useMemo(() => (items ?? []).filter(isOfStory), [items]);
  usePlayerKeys({ player, items: moments, durationMs, theatre });
  const { person } = shared;
  const browser = browserInWords(shared);
  return (
    <main className={styles.page}>
      <header className={headerStyles.header}>
        <Mark size={22} />
        <h1 className={headerStyles.who}>{person?.user_email ?? person?.user_id ?? "Shared session"}</h1>
        <p className={headerStyles.facts}>
          <Moment at={shared.started_at} full />
          <span>{clock(shared.duration_ms)}</span>
          {browser && <span>{browser}</span>}
        </p>
      </header>
      <div className={styles.body}>
        <section className={styles.theatre} ref={theatre} aria-label="Replay">
          <Stage ref={target} player={player} playable={windows.length > 0} />
          <PlayerControls player={player} items={moments} durationMs={durationMs} theatre={theatre} />
          <Track
            player={player}
            durationMs={durationMs}
            activity={shared.activity}
            pages={shared.pages}
            items={moments}
          />
          <WindowLanes player={player} windows={windows} durationMs={durationMs} />
        </section>
        <aside aria-label="What happened" className={styles.events}>
          <EventPanel items={items} player={player} severalWindows={windows.length > 1} />
        </aside>
      </div>
    </main>
  );
}
