/** Where a session is watched: the stage, what moves it, the timeline, the tabs, and the keys of all that. */
import { type RefObject, useRef } from "react";
import type { Gap } from "./gaps.ts";
import type { SessionPlayer } from "./player.ts";
import { PlayerControls } from "./player-controls.tsx";
import { Stage } from "./stage.tsx";
import styles from "./theatre.module.css";
import type { TimelineItem } from "./timeline-item.ts";
import { Track, type TrackPage } from "./track.tsx";
import { useGaps } from "./use-gaps.ts";
import { usePlayerKeys } from "./use-player-keys.ts";
import { useTurns } from "./use-turns.ts";
import { WindowLanes } from "./window-lanes.tsx";
import type { PlayableWindow } from "./windows.ts";

interface TheatreProps {
  player: SessionPlayer | null;
  /** The player's own element. */
  stage: RefObject<HTMLDivElement | null>;
  windows: readonly PlayableWindow[];
  /** Ids of the session's windows, in the order in which they are numbered. */
  windowIds: readonly string[];
  durationMs: number;
  /** Events in equal stretches of the session. */
  activity: readonly number[];
  pages: readonly TrackPage[];
  /** What tells the session. */
  moments: readonly TimelineItem[];
  notes?: readonly { note_id: string; at_ms: number; text: string }[];
  /** What one came for. */
  reason?: TimelineItem | null;
  gaps?: readonly Gap[];
  /** Where notes can be written. */
  onNote?: () => void;
}

const NO_GAPS: readonly Gap[] = [];

export function Theatre({ player, stage, windows, windowIds, durationMs, moments, onNote, ...timeline }: TheatreProps) {
  const theatre = useRef<HTMLElement>(null);
  const gap = useGaps(player, timeline.gaps ?? NO_GAPS);
  useTurns(player, moments);
  usePlayerKeys({ player, items: moments, durationMs, theatre, onNote });
  return (
    <section className={styles.theatre} ref={theatre} aria-label="Replay">
      <Stage ref={stage} player={player} playable={windows.length > 0} gap={gap} />
      <PlayerControls player={player} items={moments} durationMs={durationMs} theatre={theatre} />
      <Track player={player} durationMs={durationMs} items={moments} {...timeline} />
      <WindowLanes player={player} windows={windows} windowIds={windowIds} durationMs={durationMs} />
    </section>
  );
}
