import { useMemo, useRef, useState } from "react";
import { answer, apiClient } from "../api.server.ts";
import { browserInWords } from "../format/device.ts";
import { clock } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import { HELP_KEY, type KeysHandle } from "../frame/keys.ts";
import { KeysHelp } from "../frame/keys-help.tsx";
import { Mark } from "../frame/mark.tsx";
import { msOfSession } from "../replay/beginning.ts";
import { EventPanel } from "../replay/event-panel.tsx";
import headerStyles from "../replay/session-header.module.css";
import { Theatre } from "../replay/theatre.tsx";
import { isOfStory } from "../replay/timeline-item.ts";
import { usePlayer } from "../replay/use-player.ts";
import { PLAYER_KEYS } from "../replay/use-player-keys.ts";
import { playableWindows } from "../replay/windows.ts";
import type { Route } from "./+types/shared";
import styles from "./session.module.css";

export const meta: Route.MetaFunction = () => [
  { title: "Shared session · rrHog" },
  { name: "robots", content: "noindex, nofollow" },
];

export const handle: KeysHandle = { keys: [...PLAYER_KEYS, HELP_KEY] };

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
  const stage = useRef<HTMLDivElement>(null);
  const windows = useMemo(() => playableWindows(shared), [shared]);
  const windowIds = useMemo(() => shared.windows.map(({ window_id }) => window_id), [shared]);
  const durationMs = Math.max(shared.duration_ms, ...windows.map(({ toMs }) => toMs));
  const player = usePlayer({ target: stage, eventsUrl, startTs: shared.start_ts, windows, beginning });
  const moments = useMemo(() => (items ?? []).filter(isOfStory), [items]);
  const [helpOpen, setHelpOpen] = useState(false);
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
        <Theatre
          player={player}
          stage={stage}
          windows={windows}
          windowIds={windowIds}
          durationMs={durationMs}
          activity={shared.activity}
          pages={shared.pages}
          moments={moments}
        />
        <aside aria-label="What happened" className={styles.events}>
          <EventPanel items={items} player={player} windowIds={windowIds} />
        </aside>
      </div>
      <KeysHelp opened={helpOpen} setOpened={setHelpOpen} />
    </main>
  );
}
