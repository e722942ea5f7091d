/** What a session says of itself in each column of the list. */
import { IconAlertCircle, IconDeviceMobile, IconMoodAngry } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Sparkline } from "../components/sparkline.tsx";
import { clock, counted, spokenDuration, wholeNumber } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import type { SessionRow } from "../routes/sessions.tsx";
import styles from "./cells.module.css";
import type { ColumnId } from "./columns.ts";
import { hasGap, whyIncomplete } from "./incomplete.ts";

const PATHS_SHOWN = 12;

export const CELLS: Record<ColumnId, (session: SessionRow) => ReactNode> = {
  way: ({ paths }) => <Way paths={paths} />,
  activity: ({ activity }) => <Sparkline counts={activity} width={88} height={20} className={styles.spark} />,
  length: ({ duration_ms }) => (
    <span className={styles.length} title={spokenDuration(duration_ms)}>
      {clock(duration_ms)}
    </span>
  ),
  active: ({ active_ms }) => (
    <span className={styles.figure} title={spokenDuration(active_ms)}>
      {clock(active_ms)}
      <span className="rr-hidden"> active</span>
    </span>
  ),
  pages: ({ pageview_count }) => <Figure count={pageview_count} of="pages" />,
  clicks: ({ click_count }) => <Figure count={click_count} of="clicks" />,
  events: ({ event_count }) => <Figure count={event_count} of="events" />,
  marks: (session) => <Marks session={session} />,
  from: ({ country, browser, device }) => (
    <span className={styles.from}>
      {country && <span className={styles.country}>{country}</span>}
      {browser && <span className={styles.browser}>{browser}</span>}
      {device === "mobile" && <IconDeviceMobile size={14} aria-label="on a phone" />}
    </span>
  ),
  system: ({ os }) => <span className={styles.word}>{os}</span>,
  release: ({ release }) => (
    <span className={styles.word} title={release ?? undefined}>
      {release}
    </span>
  ),
  started: ({ started_at }) => <Moment at={started_at} className={styles.started} />,
};

/** `/ → /pay → /done`: where there is no room for all of it, the page it ended on is still there. */
function Way({ paths }: { paths: string[] }) {
  const last = paths.at(-1);
  const before = paths.slice(0, -1).slice(0, PATHS_SHOWN).join(" → ");
  return (
    <span className={styles.way}>
      {before !== "" && (
        <span className={styles.before} data-long={before.length > 4 || undefined}>
          {before}
        </span>
      )}
      {last !== undefined && (
        <span className={styles.last}>
          {before !== "" && " → "}
          {last}
        </span>
      )}
    </span>
  );
}

function Figure({ count, of }: { count: number; of: string }) {
  return (
    <span className={styles.figure}>
      {wholeNumber(count)}
      <span className="rr-hidden"> {of}</span>
    </span>
  );
}

/** Badges, only where there is something. */
function Marks({ session }: { session: SessionRow }) {
  const { error_count, rage_click_count, bot, is_internal, incomplete_why } = session;
  return (
    <span className={styles.badges}>
      {error_count > 0 && (
        <span className={styles.error}>
          <IconAlertCircle size={13} aria-hidden="true" />
          {counted(error_count, "error")}
        </span>
      )}
      {rage_click_count > 0 && (
        <span className={styles.frustration} title={counted(rage_click_count, "rage click")}>
          <IconMoodAngry size={13} aria-hidden="true" />
          rage
        </span>
      )}
      {bot === "crawler" && <span className={styles.noVisitor}>bot</span>}
      {is_internal && (
        <span className={styles.noVisitor} title="Of the site in the making: localhost, staging or a host of yours">
          own
        </span>
      )}
      {hasGap(session) && (
        <span className={styles.gap} title={`Incomplete: ${whyIncomplete(incomplete_why)}`}>
          <span className="rr-hidden">Incomplete: {whyIncomplete(incomplete_why)}</span>
        </span>
      )}
    </span>
  );
}
