/** How the timeline moves the playhead: by a pointer that drags over it, and by the keys of a slider. */
import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useRef } from "react";
import type { SessionPlayer } from "./player.ts";

/** A frame of a heavy page takes a while to build: no more often than this while dragging. */
const SCRUB_EVERY_MS = 80;
const STEP_MS = 5_000;

/** Seeks while the pointer drags, and plays on afterwards where it played before. */
export function useScrub(
  track: RefObject<HTMLElement | null>,
  player: SessionPlayer | null,
  durationMs: number,
  setHoverMs: (ms: number | null) => void,
) {
  const drag = useRef<{ resume: boolean; lastSeek: number; toMs: number; arrived: Promise<void> } | null>(null);
  const timeAt = useCallback(
    ({ clientX }: { clientX: number }) => {
      const { left, width } = track.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
      return Math.min(1, Math.max(0, (clientX - left) / width)) * durationMs;
    },
    [track, durationMs],
  );
  return {
    onPointerDown(event: PointerEvent) {
      if (!player || event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const resume = player.state.playing;
      player.pause();
      const toMs = timeAt(event);
      drag.current = { resume, lastSeek: event.timeStamp, toMs, arrived: player.seek(toMs) };
    },
    onPointerMove(event: PointerEvent) {
      const toMs = timeAt(event);
      setHoverMs(toMs);
      if (!player || !drag.current || event.timeStamp - drag.current.lastSeek < SCRUB_EVERY_MS) return;
      drag.current = { ...drag.current, lastSeek: event.timeStamp, toMs, arrived: player.seek(toMs) };
    },
    onPointerUp(event: PointerEvent) {
      if (!drag.current || !player) return;
      const { resume, toMs, arrived } = drag.current;
      drag.current = null;
      // A click has been there since it was pressed: asking again would only begin anew.
      const there = timeAt(event) === toMs ? arrived : player.seek(timeAt(event));
      void there.then(() => resume && player.play());
    },
    onPointerLeave: () => setHoverMs(null),
  };
}

/** The slider's own keys. */
export function moveByKey(event: KeyboardEvent, player: SessionPlayer | null, durationMs: number): void {
  if (!player || event.shiftKey) return;
  const now = player.timeMs;
  const target = {
    ArrowLeft: now - STEP_MS,
    ArrowDown: now - STEP_MS,
    ArrowRight: now + STEP_MS,
    ArrowUp: now + STEP_MS,
    Home: 0,
    End: durationMs,
  }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  void player.seek(target);
}
