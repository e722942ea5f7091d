/** The timeline: pages as bands, activity as an area, what happened as marks. Dragging scrubs, the frame follows. */
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { areaPath } from "../components/sparkline.tsx";
import { clock, spokenDuration } from "../format/duration.ts";
import { eventInWords } from "../format/event.ts";
import { nearest } from "./by-time.ts";
import { type Gap, gapAt } from "./gaps.ts";
import type { SessionPlayer } from "./player.ts";
import { headline, isMarked, kindOf, pageAt, type TimelineItem, toneOf } from "./timeline-item.ts";
import styles from "./track.module.css";
import { usePlayerState, usePlayerTime } from "./use-player-state.ts";
import { moveByKey, useScrub } from "./use-scrub.ts";

const NEAR_MARK_PX = 5;

export interface TrackPage {
  at_ms: number;
  window_id: string;
  path: string;
}

interface TrackProps {
  player: SessionPlayer | null;
  durationMs: number;
  /** Events in equal stretches of the session. */
  activity: readonly number[];
  pages: readonly TrackPage[];
  items: readonly TimelineItem[];
  notes?: readonly { note_id: string; at_ms: number; text: string }[];
  /** What one came for. */
  reason?: TimelineItem | null;
  gaps?: readonly Gap[];
}

export function Track({ player, durationMs, activity, pages, items, notes = [], reason, gaps = [] }: TrackProps) {
  const track = useRef<HTMLDivElement>(null);
  const state = usePlayerState(player);
  const timeMs = usePlayerTime(player, 1000);
  const [hoverMs, setHoverMs] = useState<number | null>(null);
  usePlayhead(track, player, durationMs);
  const scrub = useScrub(track, player, durationMs, setHoverMs);
  const at = (ms: number) => `${durationMs > 0 ? Math.min(100, (ms / durationMs) * 100) : 0}%`;

  return (
    <div className={styles.wrap}>
      <div
        ref={track}
        className={styles.track}
        role="slider"
        tabIndex={0}
        aria-label="Moment of the session"
        aria-valuemin={0}
        aria-valuemax={Math.round(durationMs / 1000)}
        aria-valuenow={Math.round(timeMs / 1000)}
        aria-valuetext={`${spokenDuration(timeMs)}, ${pageAt(pages, state?.windowId, timeMs) ?? ""}`}
        onKeyDown={(event) => moveByKey(event, player, durationMs)}
        {...scrub}
      >
        <Bands pages={pages} durationMs={durationMs} />
        <div className={styles.lane}>
          <Activity activity={activity} />
          {state && (
            <span
              className={styles.loaded}
              style={{ left: at(state.loadedFromMs), width: at(state.loadedUntilMs - state.loadedFromMs) }}
            />
          )}
          {gaps.map(({ windowId, fromMs, toMs }) => (
            <span
              key={`${windowId} ${fromMs}`}
              className={styles.gap}
              style={{ left: at(fromMs), width: at(toMs - fromMs) }}
            />
          ))}
          <Marks items={items} durationMs={durationMs} />
          {notes.map(({ note_id, at_ms, text }) => (
            <span key={note_id} className={styles.note} style={{ left: at(at_ms) }} title={text} />
          ))}
          {reason && <span className={styles.reason} style={{ left: at(reason.at_ms) }} title={inWords(reason)} />}
        </div>
        <span className={styles.playhead} />
        {hoverMs !== null && (
          <Hover
            at={at(hoverMs)}
            timeMs={hoverMs}
            page={pageAt(pages, player?.windowAt(hoverMs).windowId, hoverMs)}
            item={markAt(items, hoverMs, durationMs, track)}
            gap={state ? gapAt(gaps, state.windowId, hoverMs) : undefined}
          />
        )}
      </div>
    </div>
  );
}

const Bands = memo(function Bands({ pages, durationMs }: Pick<TrackProps, "pages" | "durationMs">) {
  return (
    <div className={styles.bands} aria-hidden="true">
      {pages.map(({ at_ms, path }, i) => {
        const fromMs = i === 0 ? 0 : at_ms;
        const width = ((pages[i + 1]?.at_ms ?? durationMs) - fromMs) / durationMs;
        return (
          <span
            key={`${at_ms} ${path}`}
            className={styles.band}
            style={{ left: `${(fromMs / durationMs) * 100}%`, width: `${width * 100}%` }}
          >
            {path}
          </span>
        );
      })}
    </div>
  );
});

/** Drawn twice, grey and in the accent; the second is cut at the playhead by its style. */
const Activity = memo(function Activity({ activity }: Pick<TrackProps, "activity">) {
  const d = useMemo(() => areaPath(activity, 1000, 32), [activity]);
  return (
    <>
      {[styles.area, `${styles.area} ${styles.played}`].map((className) => (
        <svg key={className} className={className} viewBox="0 0 1000 32" preserveAspectRatio="none" aria-hidden="true">
          <path d={d} />
        </svg>
      ))}
    </>
  );
});

const Marks = memo(function Marks({ items, durationMs }: Pick<TrackProps, "items" | "durationMs">) {
  return items.filter(isMarked).map((item, i) => (
    <span
      // biome-ignore lint/suspicious/noArrayIndexKey: the list comes whole and never changes order
      key={i}
      className={styles.mark}
      data-kind={kindOf(item)}
      data-tone={toneOf(item)}
      style={{ left: `${Math.min(1, Math.max(0, item.at_ms / durationMs)) * 100}%` }}
    />
  ));
});

interface HoverProps {
  at: string;
  timeMs: number;
  page: string | null;
  item: TimelineItem | null;
  gap: Gap | undefined;
}

function Hover({ at, timeMs, page, item, gap }: HoverProps) {
  return (
    <>
      <span className={styles.hoverLine} style={{ left: at }} />
      <span className={styles.hover} style={{ left: `clamp(5rem, ${at}, calc(100% - 5rem))` }}>
        <b>{clock(timeMs)}</b>
        {page && <span>{page}</span>}
        {gap && <span>{gap.words}</span>}
        {item && item.type !== "$pageview" && <span>{inWords(item)}</span>}
      </span>
    </>
  );
}

function inWords(item: TimelineItem): string {
  return `${eventInWords(item.type)} ${headline(item)}`;
}

/** Moves the playhead every frame, past React: only a style changes. */
function usePlayhead(track: React.RefObject<HTMLDivElement | null>, player: SessionPlayer | null, durationMs: number) {
  useEffect(() => {
    const show = () => {
      const share = durationMs > 0 ? (player?.timeMs ?? 0) / durationMs : 0;
      track.current?.style.setProperty("--at", `${Math.min(1, share) * 100}%`);
    };
    show();
    return player?.onTime(show);
  }, [track, player, durationMs]);
}

/** The mark under the pointer, if one is that near. */
function markAt(
  items: readonly TimelineItem[],
  timeMs: number,
  durationMs: number,
  track: React.RefObject<HTMLDivElement | null>,
): TimelineItem | null {
  const msPerPx = durationMs / (track.current?.clientWidth || 1);
  return nearest(items.filter(isMarked), timeMs, NEAR_MARK_PX * msPerPx);
}
