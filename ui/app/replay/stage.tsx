/** The replayed page, fitted, and what is to be said over it. The player owns the inner element; React leaves it alone. */
import { Button, Loader } from "@mantine/core";
import { IconPlayerPlayFilled, IconPlayerSkipForwardFilled, IconRefresh } from "@tabler/icons-react";
import { type Ref, useRef } from "react";
import "rrweb-player/dist/style.css";
import { clock } from "../format/duration.ts";
import type { Gap } from "./gaps.ts";
import type { PlayerState, SessionPlayer } from "./player.ts";
import styles from "./stage.module.css";
import { usePlayerState } from "./use-player-state.ts";

interface StageProps {
  ref: Ref<HTMLDivElement>;
  player: SessionPlayer | null;
  /** Whether any window has a full snapshot to begin at. */
  playable: boolean;
  /** Where something is missing. */
  gap?: Gap | undefined;
}

export function Stage({ ref, player, playable, gap }: StageProps) {
  const state = usePlayerState(player);
  const phase = playable ? (state?.phase ?? "opening") : "unplayable";
  const scroller = useRef<HTMLDivElement>(null);
  const toggle = () => (state?.playing ? player?.pause() : player?.play());
  return (
    <div className={styles.stage} data-phase={phase} data-fit={state?.fit}>
      <div ref={scroller} className={styles.scroller}>
        <div ref={ref} className={styles.player} />
      </div>
      {playable && state && phase !== "failed" && (
        // Pointing at the page itself: the keys and the buttons below do the same for everyone else.
        <button
          type="button"
          className={styles.cover}
          onClick={toggle}
          onWheel={({ deltaY }) => scroller.current?.scrollBy(0, deltaY)}
          tabIndex={-1}
          aria-hidden="true"
        >
          {!state.playing && phase !== "opening" && (
            <span className={styles.big}>
              <IconPlayerPlayFilled size={30} aria-hidden="true" />
            </span>
          )}
        </button>
      )}
      <div role="status" className={styles.status}>
        {phase === "unplayable" && <Unplayable />}
        {phase === "opening" && <Waiting words="Loading the first frame" />}
        {phase === "waiting" && !state?.following && <Waiting words="Loading more of the recording" />}
        {state?.skipping && (
          <span className={styles.pill}>
            <IconPlayerSkipForwardFilled size={13} aria-hidden="true" /> skipping idle time
          </span>
        )}
      </div>
      {gap && phase === "ready" && <Missing gap={gap} />}
      {phase === "failed" && state && <Failed state={state} onRetry={() => player?.play()} />}
    </div>
  );
}

function Waiting({ words }: { words: string }) {
  return (
    <span className={`${styles.pill} ${styles.slow}`}>
      <Loader size={13} color="gray" /> {words}
    </span>
  );
}

/** Whoever looks at it must not take what is left of the page for what the visitor saw. */
function Missing({ gap }: { gap: Gap }) {
  return (
    <div className={`${styles.message} ${styles.gap}`}>
      <p className={styles.title}>Not known here: {gap.words}</p>
      <p>The page is known again at {clock(gap.toMs)}; playing goes on there.</p>
    </div>
  );
}

function Failed({ state, onRetry }: { state: PlayerState; onRetry: () => void }) {
  return (
    <div className={styles.message} role="alert">
      <p className={styles.title}>This part could not be loaded</p>
      <p>{state.problem}</p>
      <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

function Unplayable() {
  return (
    <div className={styles.message}>
      <p className={styles.title}>There is no picture of this session</p>
      <p>
        A replay begins at a full snapshot of the page, and none has arrived. If the session is under way it begins by
        itself as soon as one is here; Info says which batches are missing.
      </p>
    </div>
  );
}
