import { IconAlertCircle, IconDeviceMobile } from "@tabler/icons-react";
import { memo } from "react";
import { Link } from "react-router";
import { Sparkline } from "../components/sparkline.tsx";
import { clock, counted, spokenDuration, wholeNumber } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import type { SessionRow } from "../routes/sessions.tsx";
import styles from "./session-list.module.css";
import { hasGap, isAnonymous, who, whyIncomplete } from "./who.ts";

const PATHS_SHOWN = 5;

/** One session on one line. The whole line is a link to its replay. */
export const Row = memo(function Row({ session, projectId }: { session: SessionRow; projectId: number }) {
  return (
    <li className={styles.item}>
      <Link
        to={`/projects/${projectId}/sessions/${session.session_id}`}
        className={styles.row}
        prefetch="intent"
        data-row
        data-session={session.session_id}
      >
        <span className={styles.who} data-anonymous={isAnonymous(session) || undefined}>
          {who(session)}
        </span>
        <Way paths={session.paths} />
        <Sparkline counts={session.activity} width={88} height={20} className={styles.spark} />
        <span className={styles.length} title={spokenDuration(session.duration_ms)}>
          {clock(session.duration_ms)}
        </span>
        <span className={styles.pages}>
          {wholeNumber(session.pageview_count)}
          <span className="rr-hidden"> pages</span>
        </span>
        <span className={styles.badges}>
          {session.error_count > 0 && (
            <span className={styles.error}>
              <IconAlertCircle size={13} aria-hidden="true" />
              {counted(session.error_count, "error")}
            </span>
          )}
          {hasGap(session) && (
            <span className={styles.gap} title={`Incomplete: ${whyIncomplete(session.incomplete_why)}`}>
              <span className="rr-hidden">Incomplete: {whyIncomplete(session.incomplete_why)}</span>
            </span>
          )}
        </span>
        <span className={styles.from}>
          {session.country && <span className={styles.country}>{session.country}</span>}
          {session.browser && <span className={styles.browser}>{session.browser}</span>}
          {session.device === "mobile" && <IconDeviceMobile size={14} aria-label="on a phone" />}
        </span>
        <Moment at={session.started_at} className={styles.started} />
      </Link>
    </li>
  );
});

/** `/ → /pay → /done`; of a long way the beginning and the end. */
function Way({ paths }: { paths: string[] }) {
  const left = paths.length - PATHS_SHOWN;
  const shown = left > 0 ? [...paths.slice(0, PATHS_SHOWN - 2), null, ...paths.slice(-2)] : paths;
  return (
    <span className={styles.way}>
      {shown.map((path, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a path may come twice, and the list never changes order
        <span key={i} className={styles.step}>
          {i > 0 && <span className={styles.arrow}>→</span>}
          {path === null ? (
            <span className={styles.arrow}>{left} more</span>
          ) : (
            <span className={styles.path}>{path}</span>
          )}
        </span>
      ))}
    </span>
  );
}
