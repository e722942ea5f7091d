/** Beside a row, before it is opened: what happened in the session, on a few lines. */
import { Popover, Skeleton } from "@mantine/core";
import { useEffect } from "react";
import { useFetcher } from "react-router";
import { browserInWords } from "../format/device.ts";
import { clock, counted } from "../format/duration.ts";
import { eventInWords } from "../format/event.ts";
import { Moment } from "../format/viewer.tsx";
import { headline, toneOf } from "../replay/timeline-item.ts";
import { useFrame } from "../routes/project.tsx";
import type { loader } from "../routes/session-preview.ts";
import type { SessionRow } from "../routes/sessions.tsx";
import { hasGap, whyIncomplete } from "./incomplete.ts";
import styles from "./session-preview.module.css";
import { who } from "./who.ts";

export default function SessionPreview({ session }: { session: SessionRow }) {
  const { started_at, duration_ms, active_ms, click_count, country, incomplete_why } = session;
  const device = browserInWords(session);
  return (
    <Popover opened position="bottom-end" width={400} offset={4} shadow="md" withRoles={false}>
      <Popover.Target>
        <span className={styles.anchor} />
      </Popover.Target>
      <Popover.Dropdown className={styles.preview} role="status">
        <p className={styles.who}>{who(session)}</p>
        <p className={styles.facts}>
          <Moment at={started_at} full />, {clock(active_ms)} active of {clock(duration_ms)},{" "}
          {counted(click_count, "click")}
        </p>
        <p className={styles.facts}>{[device, country].filter(Boolean).join(", ")}</p>
        {hasGap(session) && <p className={styles.gap}>Incomplete: {whyIncomplete(incomplete_why)}.</p>}
        <Moments sessionId={session.session_id} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Moments({ sessionId }: { sessionId: string }) {
  const { projectId } = useFrame();
  const { load, data: moments } = useFetcher<typeof loader>();
  useEffect(() => void load(`/projects/${projectId}/sessions/${sessionId}/preview`), [load, projectId, sessionId]);
  if (moments === undefined) return <Skeleton height={72} mt="xs" />;
  if (moments === null) return <p className={styles.none}>What happened in it cannot be said now.</p>;
  if (moments.length === 0) return <p className={styles.none}>No page and no event is known of it yet.</p>;
  return (
    <ol className={styles.moments}>
      {moments.map(({ item, times }) => (
        <li key={`${item.at_ms} ${item.type} ${headline(item)}`} className={styles.moment} data-tone={toneOf(item)}>
          <span className={styles.at}>{clock(item.at_ms)}</span>
          <span className={styles.type}>{eventInWords(item.type)}</span>
          <span className={styles.words}>{headline(item)}</span>
          {times > 1 && <span className={styles.at}>×{times}</span>}
        </li>
      ))}
    </ol>
  );
}
