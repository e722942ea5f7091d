/** The errors that nobody caught, in step with the playhead: the one it has come to shows its stack. */
import { useState } from "react";
import { clock } from "../format/duration.ts";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import styles from "./errors-panel.module.css";
import { EventDetail } from "./event-detail.tsx";
import { FollowingList } from "./following-list.tsx";
import panelStyles from "./list-panel.module.css";
import rowStyles from "./list-row.module.css";
import type { SessionPlayer } from "./player.ts";
import { aside, headline, type TimelineItem } from "./timeline-item.ts";
import { useCurrentIndex } from "./use-player-state.ts";

const ROW_PX = 48;

interface ErrorsPanelProps {
  /** Null where they could not be had. */
  errors: readonly TimelineItem[] | null;
  player: SessionPlayer | null;
}

export function ErrorsPanel({ errors, player }: ErrorsPanelProps) {
  const current = useCurrentIndex(player, errors ?? []);
  const [closed, setClosed] = useState<number | null>(null);
  if (errors === null) return <PanelNotLoaded what="The errors" />;
  if (errors.length === 0) {
    return (
      <EmptyPanel
        title="No errors"
        words="Every error was caught. What the page said of itself is under Console, failed requests are under Network."
      />
    );
  }
  const reached = errors[current];
  return (
    <div className={panelStyles.panel}>
      <FollowingList
        label="Errors"
        items={errors}
        player={player}
        rowPx={ROW_PX}
        rowClass={styles.error}
        onChoose={() => setClosed(null)}
        row={(item) => ({ content: <Row item={item} /> })}
      />
      {reached && closed !== current && <EventDetail item={reached} onClose={() => setClosed(current)} />}
    </div>
  );
}

function Row({ item }: { item: TimelineItem }) {
  return (
    <>
      <span className={rowStyles.time}>{clock(item.at_ms)}</span>
      <span className={styles.message} title={headline(item)}>
        {headline(item)}
      </span>
      <span className={styles.place}>{[aside(item), item.page].filter(Boolean).join(" on ")}</span>
    </>
  );
}
