/** What happened, in step with the playhead. A click on a line goes there. */
import { TextInput } from "@mantine/core";
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
  IconSearch,
  IconTerminal2,
  IconTextSize,
} from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { clock } from "../format/duration.ts";
import { EventDetail } from "./event-detail.tsx";
import styles from "./event-panel.module.css";
import type { SessionPlayer } from "./player.ts";
import {
  aside,
  headline,
  indexAt,
  isShownBy,
  KIND_LABELS,
  type Kind,
  kindOf,
  type TimelineItem,
  toneOf,
  typeInWords,
} from "./timeline-item.ts";
import { usePlayerTime } from "./use-player.ts";

const ROW_PX = 34;
/** After scrolling by hand the list waits this long before it follows again. */
const FOLLOW_AFTER_MS = 4_000;
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
}

export function EventPanel({ items, player, severalWindows }: EventPanelProps) {
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState<Kind | null>(null);
  const text = useDeferredValue(query.trim().toLowerCase());
  const [chosen, setChosen] = useState<TimelineItem | null>(null);
  const kinds = useMemo(() => kindsOf(items ?? []), [items]);
  const shown = useMemo(
    () => (items ?? []).filter((item) => isShownBy(kind, item) && holds(item, text)),
    [items, kind, text],
  );

  if (items === null)
    return <Empty title="The events could not be loaded" words="The replay is not affected. Reload to try again." />;
  if (items.length === 0) {
    return (
      <Empty
        title="Nothing derived yet"
        words="Pages appear here seconds after their batch is loaded. A session that began before recording could see its address has none."
      />
    );
  }
  return (
    <div className={styles.panel}>
      {(items.length >= SEARCH_FROM_ITEMS || kinds.length > 1) && (
        <div className={styles.tools}>
          <TextInput
            size="xs"
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
            placeholder="Search events"
            aria-label="Search events"
            leftSection={<IconSearch size={14} />}
          />
          {kinds.length > 1 && (
            <div className={styles.kinds}>
              {kinds.map(({ kind: one, count }) => (
                <button
                  type="button"
                  key={one}
                  className={styles.kind}
                  aria-pressed={one === kind}
                  onClick={() => setKind(one === kind ? null : one)}
                >
                  {KIND_LABELS[one]} <span className={styles.count}>{count}</span>
                </button>
              ))}
            </div>
          )}
        </div>
      )}
      {shown.length === 0 ? (
        <Empty
          title="No event matches"
          words={text === "" ? "There is nothing of this kind." : `Nothing here says “${query.trim()}”.`}
        />
      ) : (
        <Rows items={shown} player={player} severalWindows={severalWindows} onChoose={setChosen} />
      )}
      {chosen && <EventDetail item={chosen} onClose={() => setChosen(null)} />}
    </div>
  );
}

/** The filters that would show something, each with how much. */
function kindsOf(items: readonly TimelineItem[]): { kind: Kind; count: number }[] {
  return (Object.keys(KIND_LABELS) as Kind[])
    .map((kind) => ({ kind, count: items.filter((item) => isShownBy(kind, item)).length }))
    .filter(({ count }) => count > 0);
}

interface RowsProps extends EventPanelProps {
  items: readonly TimelineItem[];
  onChoose(item: TimelineItem): void;
}

function Rows({ items, player, severalWindows, onChoose }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const timeMs = usePlayerTime(player, 200);
  const current = indexAt(items, timeMs);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: { width: 350, height: 700 },
  });

  const lastTouched = useRef(Number.NEGATIVE_INFINITY);
  const touched = () => {
    lastTouched.current = performance.now();
  };
  useEffect(() => {
    if (current < 0 || performance.now() - lastTouched.current < FOLLOW_AFTER_MS) return;
    virtual.scrollToIndex(current, { align: "auto" });
  }, [current, virtual]);

  const windows = [...new Set(items.map(({ window_id }) => window_id))];
  return (
    <div ref={scroller} className={styles.scroller} onWheel={touched} onPointerDown={touched} onTouchMove={touched}>
      <ol className={styles.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const item = items[index];
          if (!item) return null;
          const kind = kindOf(item);
          const Icon = ICONS[kind];
          return (
            <li key={index} className={styles.row} style={{ transform: `translateY(${start}px)` }}>
              <button
                type="button"
                className={styles.event}
                data-kind={kind}
                data-tone={toneOf(item)}
                aria-current={index === current ? "true" : undefined}
                onClick={() => {
                  onChoose(item);
                  void player?.watch(item.window_id, Math.max(0, item.at_ms));
                }}
              >
                <span className={styles.time}>{clock(item.at_ms)}</span>
                <Icon size={15} stroke={1.7} aria-hidden="true" />
                <span className={styles.type}>{typeInWords(item.type)}</span>
                <span className={styles.text} title={headline(item)}>
                  {headline(item)}
                  <span className={styles.aside}>{aside(item)}</span>
                </span>
                {severalWindows && <span className={styles.tab}>tab {windows.indexOf(item.window_id) + 1}</span>}
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Empty({ title, words }: { title: string; words: string }) {
  return (
    <div className={styles.empty}>
      <p className={styles.emptyTitle}>{title}</p>
      <p>{words}</p>
    </div>
  );
}

function holds(item: TimelineItem, text: string): boolean {
  return (
    text === "" ||
    `${typeInWords(item.type)} ${headline(item)} ${aside(item)} ${item.page ?? ""}`.toLowerCase().includes(text)
  );
}
