/** What happened, in step with the playhead. A click on a line goes there. */
import {
  IconAlertCircle,
  IconArrowsLeftRight,
  IconBolt,
  IconClick,
  IconDots,
  IconFile,
  IconGauge,
  IconMoodSad,
  IconPhoto,
  IconTerminal2,
  IconTextSize,
} from "@tabler/icons-react";
import { useDeferredValue, useMemo, useState } from "react";
import { clock } from "../format/duration.ts";
import { eventInWords } from "../format/event.ts";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import { EventDetail } from "./event-detail.tsx";
import styles from "./event-panel.module.css";
import { FollowingList } from "./following-list.tsx";
import { PanelTools } from "./panel-tools.tsx";
import type { SessionPlayer } from "./player.ts";
import {
  aside,
  headline,
  isShownBy,
  KIND_LABELS,
  type Kind,
  kindOf,
  type TimelineItem,
  toneOf,
} from "./timeline-item.ts";

const ROW_PX = 34;
const SEARCH_FROM_ITEMS = 12;

const ICONS: Record<Kind, typeof IconFile> = {
  page: IconFile,
  click: IconClick,
  frustration: IconMoodSad,
  error: IconAlertCircle,
  request: IconArrowsLeftRight,
  resource: IconPhoto,
  console: IconTerminal2,
  vital: IconGauge,
  custom: IconBolt,
  text: IconTextSize,
  other: IconDots,
};

interface EventPanelProps {
  /** Null where they could not be had. */
  items: readonly TimelineItem[] | null;
  player: SessionPlayer | null;
  severalWindows: boolean;
  /** What one came for. */
  reason?: TimelineItem | null;
}

export function EventPanel({ items, player, severalWindows, reason = null }: EventPanelProps) {
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState<Kind | null>(null);
  const text = useDeferredValue(query.trim().toLowerCase());
  const [chosen, setChosen] = useState<TimelineItem | null>(null);
  const kinds = useMemo(() => kindsOf(items ?? []), [items]);
  const shown = useMemo(
    () => (items ?? []).filter((item) => isShownBy(kind, item) && holds(item, text)),
    [items, kind, text],
  );

  if (items === null) return <PanelNotLoaded what="The events" />;
  if (items.length === 0) {
    return (
      <EmptyPanel
        title="Nothing derived yet"
        words="Pages appear here seconds after their batch is loaded. A session that began before recording could see its address has none."
      />
    );
  }
  return (
    <div className={styles.panel}>
      {(items.length >= SEARCH_FROM_ITEMS || kinds.length > 1) && (
        <PanelTools
          label="Search events"
          query={query}
          onQuery={setQuery}
          kinds={kinds}
          chosen={kind}
          onChoose={(one) => setKind(one === kind ? null : one)}
        />
      )}
      {shown.length === 0 ? (
        <EmptyPanel
          title="No event matches"
          words={text === "" ? "There is nothing of this kind." : `Nothing here says “${query.trim()}”.`}
        />
      ) : (
        <Rows items={shown} player={player} severalWindows={severalWindows} reason={reason} onChoose={setChosen} />
      )}
      {chosen && <EventDetail item={chosen} onClose={() => setChosen(null)} />}
    </div>
  );
}

/** The filters that would show something, each with how much. */
function kindsOf(items: readonly TimelineItem[]): { kind: Kind; label: string; count: number }[] {
  return (Object.keys(KIND_LABELS) as Kind[])
    .map((kind) => ({ kind, label: KIND_LABELS[kind], count: items.filter((item) => isShownBy(kind, item)).length }))
    .filter(({ count }) => count > 0);
}

interface RowsProps extends EventPanelProps {
  items: readonly TimelineItem[];
  onChoose(item: TimelineItem): void;
}

function Rows({ items, player, severalWindows, reason, onChoose }: RowsProps) {
  const windows = [...new Set(items.map(({ window_id }) => window_id))];
  return (
    <FollowingList
      label="Events"
      items={items}
      player={player}
      rowPx={ROW_PX}
      rowClass={styles.event}
      onChoose={onChoose}
      row={(item) => {
        const kind = kindOf(item);
        const Icon = ICONS[kind];
        const content = (
          <>
            <span className={styles.time}>{clock(item.at_ms)}</span>
            <Icon size={15} stroke={1.7} aria-hidden="true" />
            <span className={styles.type}>{eventInWords(item.type)}</span>
            <span className={styles.text} title={headline(item)}>
              {headline(item)}
              <span className={styles.aside}>{aside(item)}</span>
            </span>
            {isSame(item, reason) && <span className={styles.reason}>you came for this</span>}
            {severalWindows && <span className={styles.tab}>tab {windows.indexOf(item.window_id) + 1}</span>}
          </>
        );
        return { content, kind, tone: toneOf(item) };
      }}
    />
  );
}

/** The page may have been told of it anew since. */
function isSame(item: TimelineItem, other: TimelineItem | null | undefined): boolean {
  return (
    other !== null &&
    item.at_ms === other?.at_ms &&
    item.type === other.type &&
    item.window_id === other.window_id &&
    item.text === other.text
  );
}

function holds(item: TimelineItem, text: string): boolean {
  return (
    text === "" ||
    `${eventInWords(item.type)} ${headline(item)} ${aside(item)} ${item.page ?? ""}`.toLowerCase().includes(text)
  );
}
