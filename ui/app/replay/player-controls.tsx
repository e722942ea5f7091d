import { ActionIcon, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconCheck,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerTrackNextFilled,
  IconPlayerTrackPrevFilled,
  IconReload,
  IconViewportTall,
  IconViewportWide,
} from "@tabler/icons-react";
import { type RefObject, useEffect, useState } from "react";
import { clock } from "../format/duration.ts";
import { LiveButton } from "./live-button.tsx";
import type { SessionPlayer } from "./player.ts";
import styles from "./player-controls.module.css";
import { stepToItem, toggleFit, toggleFullscreen } from "./player-moves.ts";
import { SPEEDS } from "./player-stage.ts";
import type { TimelineItem } from "./timeline-item.ts";
import { usePlayerState, usePlayerTime } from "./use-player-state.ts";

interface PlayerControlsProps {
  player: SessionPlayer | null;
  items: readonly TimelineItem[];
  durationMs: number;
  theatre: RefObject<HTMLElement | null>;
}

export function PlayerControls({ player, items, durationMs, theatre }: PlayerControlsProps) {
  const state = usePlayerState(player);
  const fullscreen = useIsFullscreen();
  const timeMs = usePlayerTime(player, 1000);
  const off = !player;
  return (
    <div className={styles.controls}>
      <PlayButton
        player={player}
        playing={state?.playing === true && state.phase !== "failed"}
        ended={state?.phase === "ended"}
      />
      <span className={styles.time}>
        {clock(timeMs)} <span className={styles.of}>/ {clock(durationMs)}</span>
      </span>
      <LiveButton player={player} />
      <div className={styles.group}>
        <Control
          label="Previous event"
          onClick={() => player && stepToItem(player, items, -1)}
          off={off || items.length === 0}
        >
          <IconPlayerTrackPrevFilled size={15} />
        </Control>
        <Control
          label="Next event"
          onClick={() => player && stepToItem(player, items, 1)}
          off={off || items.length === 0}
        >
          <IconPlayerTrackNextFilled size={15} />
        </Control>
      </div>
      <div className={styles.end}>
        <UnstyledButton
          className={styles.toggle}
          aria-pressed={state?.skipIdle ?? true}
          onClick={() => player?.setSkipIdle(!state?.skipIdle)}
          disabled={off}
        >
          <span className={styles.tick} aria-hidden="true">
            {(state?.skipIdle ?? true) && <IconCheck size={12} stroke={2.5} />}
          </span>
          Skip idle
        </UnstyledButton>
        <SpeedMenu player={player} speed={state?.speed ?? 1} />
        <Control
          label={state?.fit === "width" ? "Fit the whole page" : "Fit to width"}
          className={styles.fit}
          onClick={() => player && toggleFit(player)}
          off={off}
        >
          {state?.fit === "width" ? <IconViewportTall size={17} /> : <IconViewportWide size={17} />}
        </Control>
        <Control
          label={fullscreen ? "Leave full screen" : "Full screen"}
          onClick={() => toggleFullscreen(theatre.current)}
          off={off}
        >
          {fullscreen ? <IconArrowsMinimize size={17} /> : <IconArrowsMaximize size={17} />}
        </Control>
      </div>
    </div>
  );
}

function PlayButton({ player, playing, ended }: { player: SessionPlayer | null; playing: boolean; ended: boolean }) {
  const label = playing ? "Pause" : ended ? "Play again" : "Play";
  const icon = playing ? (
    <IconPlayerPauseFilled size={19} />
  ) : ended ? (
    <IconReload size={19} />
  ) : (
    <IconPlayerPlayFilled size={19} />
  );
  return (
    <ActionIcon
      size={38}
      radius="xl"
      c="white"
      aria-label={label}
      disabled={!player}
      onClick={() => (playing ? player?.pause() : player?.play())}
    >
      {icon}
    </ActionIcon>
  );
}

function SpeedMenu({ player, speed }: { player: SessionPlayer | null; speed: number }) {
  return (
    <Menu position="top-end" width={110}>
      <Menu.Target>
        <UnstyledButton className={styles.speed} aria-label={`Speed: ${speed}×`} disabled={!player}>
          {speed}×
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {SPEEDS.map((choice) => (
          <Menu.Item
            key={choice}
            onClick={() => player?.setSpeed(choice)}
            rightSection={choice === speed ? <IconCheck size={14} /> : null}
          >
            {choice}×
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface ControlProps {
  label: string;
  className?: string | undefined;
  onClick: () => void;
  off: boolean;
  children: React.ReactNode;
}

function Control({ label, className, onClick, off, children }: ControlProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        className={className}
        variant="subtle"
        color="gray"
        size={34}
        onClick={onClick}
        disabled={off}
        aria-label={label}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function useIsFullscreen(): boolean {
  const [is, setIs] = useState(false);
  useEffect(() => {
    const onChange = () => setIs(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", onChange);
    return () => document.removeEventListener("fullscreenchange", onChange);
  }, []);
  return is;
}
