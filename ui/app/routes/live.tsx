import { IconBroadcast } from "@tabler/icons-react";
import { Link } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { Notice } from "../components/notice.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import { clock, counted } from "../format/duration.ts";
import { isAnonymous, who } from "../sessions/who.ts";
import { useAgainWhile } from "../use-again-while.ts";
import type { Route } from "./+types/live";
import styles from "./live.module.css";

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData ? `${loaderData.sessions.length} live` : "Live"} · rrHog` },
];

/** Who is on the site now, the latest first. */
export async function loader(args: Route.LoaderArgs) {
  const { live } = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  return answer(live.$get({ param, query: {} }), args);
}

export default function Live({ loaderData, params }: Route.ComponentProps) {
  const { sessions } = loaderData;
  useAgainWhile(true);
  return (
    <>
      <PageHeader title="Live now">
        <span className={styles.count} role="status">
          {sessions.length > 0 && `${counted(sessions.length, "session")} in progress`}
        </span>
      </PageHeader>
      {sessions.length === 0 ? (
        <Notice title="Nobody is on the site" icon={<IconBroadcast size={26} />}>
          Whoever does something there stands here within seconds, and for a minute after the last that was heard of
          them.
        </Notice>
      ) : (
        <ul className={styles.list} aria-label="Sessions in progress">
          {sessions.map((session) => (
            <li key={session.session_id} className={styles.item}>
              <Link
                to={`/projects/${params.projectId}/sessions/${session.session_id}?live=1`}
                className={styles.row}
                data-session={session.session_id}
              >
                <span className={styles.dot} aria-hidden="true" />
                <span className={styles.who} data-anonymous={isAnonymous(session) || undefined}>
                  {who(session)}
                </span>
                <span className={styles.page}>{session.paths.at(-1) ?? "page not known yet"}</span>
                <Sparkline counts={session.activity} width={88} height={20} className={styles.spark} />
                <span className={styles.length} title="Since it began">
                  {clock(session.duration_ms)}
                </span>
                <span className={styles.from}>{[session.country, session.browser].filter(Boolean).join(" ")}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
