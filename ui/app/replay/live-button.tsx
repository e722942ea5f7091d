/** Of a session that goes on: says that it does, and leads back to what is recorded just now. */
import { UnstyledButton } from "@mantine/core";
import styles from "./live-button.module.css";
import type { SessionPlayer } from "./player.ts";
import { usePlayerState } from "./use-player-state.ts";

export function LiveButton({ player }: { player: SessionPlayer | null }) {
  const state = usePlayerState(player);
  if (!player || !state || state.live === "off" || state.live === "ended") return null;
  if (state.live === "lost") return <span className={styles.live}>connecting again</span>;
  return (
    <UnstyledButton
      className={styles.live}
      data-following={state.following || undefined}
      aria-pressed={state.following}
      onClick={() => void player.follow()}
      title={state.following ? "This is what is recorded just now" : "To what is recorded just now"}
    >
      <span className={styles.dot} aria-hidden="true" />
      {state.following ? "Live" : "Back to live"}
    </UnstyledButton>
  );
}
