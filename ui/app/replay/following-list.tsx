/** A long list in time order that keeps the playhead's row in sight. A row that is clicked goes to its moment. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import styles from "./following-list.module.css";
import type { SessionPlayer } from "./player.ts";
import type { Tone } from "./timeline-item.ts";
import { useCurrentIndex } from "./use-player-state.ts";

/** After scrolling by hand the list waits this long before it follows again. */
const FOLLOW_AFTER_MS = 4_000;

/** One without a window is looked at in whichever was open then. */
export interface Listed {
  at_ms: number;
  window_id?: string;
}

export interface FollowingListProps<Item> {
  label: string;
  items: readonly Item[];
  player: SessionPlayer | null;
  /** How high a row is, about. */
  rowPx: number;
  rowClass: string | undefined;
  row(item: Item): { content: ReactNode; kind?: string; tone?: Tone | undefined };
  onChoose?(item: Item): void;
}

export function FollowingList<Item extends Listed>({
  label,
  items,
  player,
  rowPx,
  rowClass,
  row,
  onChoose,
}: FollowingListProps<Item>) {
  const scroller = useRef<HTMLDivElement>(null);
  const current = useCurrentIndex(player, items);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
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

  const choose = (item: Item) => {
    onChoose?.(item);
    const atMs = Math.max(0, item.at_ms);
    void (item.window_id === undefined ? player?.seek(atMs) : player?.watch(item.window_id, atMs));
  };

  return (
    <div ref={scroller} className={styles.scroller} onWheel={touched} onPointerDown={touched} onTouchMove={touched}>
      <ol className={styles.rows} style={{ height: virtual.getTotalSize() }} aria-label={label}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const item = items[index];
          if (!item) return null;
          const { content, kind, tone } = row(item);
          return (
            <li
              key={index}
              ref={virtual.measureElement}
              data-index={index}
              className={styles.place}
              style={{ transform: `translateY(${start}px)` }}
            >
              <button
                type="button"
                className={`${styles.row} ${rowClass}`}
                data-kind={kind}
                data-tone={tone}
                aria-current={index === current ? "true" : undefined}
                onClick={() => choose(item)}
              >
                {content}
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
