import { Checkbox } from "@mantine/core";
import { IconAlertCircle, IconDeviceMobile, IconEyeCheck, IconMoodAngry } from "@tabler/icons-react";
import { memo } from "react";
import { Link } from "react-router";
import { Sparkline } from "../components/sparkline.tsx";
import { clock, counted, spokenDuration, wholeNumber } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import type { SessionRow } from "../routes/sessions.tsx";
import { inList } from "./in-list.ts";
import styles from "./session-list.module.css";
import { hasGap, isAnonymous, who, whyIncomplete } from "./who.ts";

const PATHS_SHOWN = 12;

interface RowProps {
  session: SessionRow;
  projectId: number;
  /** Of the list's address, for the way back to it and on in it. */
  search: string;
  isLive?: boolean;
  isSelected?: boolean;
  /** Without it rows cannot be selected. */
  onSelect?: (id: string) => void;
}

/** One session on one line. The whole line is a link to its replay. */
export const Row = memo(function Row({ session, projectId, search, isLive, isSelected, onSelect }: RowProps) {
  const { session_id } = session;
  return (
    <li
      className={styles.item}
      data-selected={isSelected || undefined}
      data-watched={session.watched_by_me || undefined}
    >
      {onSelect && (
        <Checkbox
          size="xs"
          className={styles.check}
          aria-label={`Select the session of ${who(session)}`}
          checked={isSelected ?? false}
          onChange={() => onSelect(session_id)}
        />
      )}
      <Link
        to={inList(`/projects/${projectId}/sessions/${session_id}`, search)}
        className={styles.row}
        prefetch="intent"
        data-row
        data-session={session_id}
      >
        <span className={styles.who} data-anonymous={isAnonymous(session) || undefined}>
          {isLive && (
            <span className={styles.live} title="Live: in progress">
              <span className="rr-hidden">Live: </span>
            </span>
          )}
          <span className={styles.name}>{who(session)}</span>
          {session.watched_by_me && (
            <span className={styles.watched} title="You have watched it">
              <IconEyeCheck size={13} aria-hidden="true" />
              <span className="rr-hidden">, watched</span>
            </span>
          )}
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
          {session.rage_click_count > 0 && (
            <span className={styles.error} title={counted(session.rage_click_count, "rage click")}>
              <IconMoodAngry size={13} aria-hidden="true" />
              rage
            </span>
          )}
          {session.bot === "crawler" && <span className={styles.noVisitor}>bot</span>}
          {session.is_internal && (
            <span className={styles.noVisitor} title="Of the site in the making: localhost, staging or a host of yours">
              own
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

/** `/ → /pay → /done`: where there is no room for all of it, the page it ended on is still there. */
function Way({ paths }: { paths: string[] }) {
  const last = paths.at(-1);
  const before = paths.slice(0, -1).slice(0, PATHS_SHOWN);
  return (
    <span className={styles.way}>
      {before.length > 0 && <span className={styles.before}>{before.join(" → ")}</span>}
      {last !== undefined && (
        <span className={styles.last}>
          {before.length > 0 && " → "}
          {last}
        </span>
      )}
    </span>
  );
}
