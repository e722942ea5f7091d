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
import { clock } from "../format/duration.ts";
import { eventInWords } from "../format/event.ts";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import { EventDetail } from "./event-detail.tsx";
import styles from "./event-panel.module.css";
import { type ListKind, ListPanel } from "./list-panel.tsx";
import rowStyles from "./list-row.module.css";
import type { SessionPlayer } from "./player.ts";
import {
  aside,
  headline,
  isOfStory,
  isShownBy,
  KIND_LABELS,
  type Kind,
  kindOf,
  type TimelineItem,
  toneOf,
} from "./timeline-item.ts";

const ROW_PX = 34;

const KINDS: readonly ListKind<TimelineItem>[] = (Object.keys(KIND_LABELS) as Kind[]).map((kind) => ({
  kind,
  label: KIND_LABELS[kind],
  holds: (item) => isShownBy(kind, item),
}));

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
  /** Ids of the session's windows, in the order in which they are numbered. */
  windowIds: readonly string[];
  /** What one came for. */
  reason?: TimelineItem | null;
}

export function EventPanel({ items, player, windowIds, reason = null }: EventPanelProps) {
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
    <ListPanel<TimelineItem>
      label="Events"
      search="Search events"
      items={items}
      words={words}
      kinds={KINDS}
      unchosen={isOfStory}
      player={player}
      rowPx={ROW_PX}
      rowClass={styles.event}
      row={(item) => ({
        kind: kindOf(item),
        tone: toneOf(item),
        content: (
          <Event
            item={item}
            isReason={isSame(item, reason)}
            tab={windowIds.length > 1 ? windowIds.indexOf(item.window_id) + 1 : null}
          />
        ),
      })}
      detail={(item, onClose) => <EventDetail item={item} onClose={onClose} />}
    />
  );
}

interface EventProps {
  item: TimelineItem;
  isReason: boolean;
  tab: number | null;
}

function Event({ item, isReason, tab }: EventProps) {
  const Icon = ICONS[kindOf(item)];
  return (
    <>
      <span className={rowStyles.time}>{clock(item.at_ms)}</span>
      <Icon size={15} stroke={1.7} aria-hidden="true" />
      <span className={styles.type}>{eventInWords(item.type)}</span>
      <span className={rowStyles.text} title={headline(item)}>
        {headline(item)}
        <span className={rowStyles.aside}>{aside(item)}</span>
      </span>
      {isReason && <span className={styles.reason}>you came for this</span>}
      {tab !== null && <span className={rowStyles.tab}>tab {tab}</span>}
    </>
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

function words(item: TimelineItem): string {
  return `${eventInWords(item.type)} ${headline(item)} ${aside(item)} ${item.page ?? ""}`;
}
