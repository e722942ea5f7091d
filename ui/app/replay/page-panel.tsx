/** The page at the playhead: what it is, and of what elements it is made. */
import type { SessionDetail } from "../routes/session.tsx";
import { DomTree } from "./dom-tree.tsx";
import { EmptyPanel } from "./empty-panel.tsx";
import styles from "./info-panel.module.css";
import { Fact, FactSection, Section } from "./info-section.tsx";
import type { SessionPlayer } from "./player.ts";
import { usePlayerState, usePlayerTime } from "./use-player-state.ts";

/** How often the tree is read anew while it plays. */
const READ_EVERY_MS = 500;

interface PagePanelProps {
  pages: SessionDetail["pages"];
  player: SessionPlayer | null;
}

export function PagePanel({ pages, player }: PagePanelProps) {
  const timeMs = usePlayerTime(player, READ_EVERY_MS);
  const windowId = usePlayerState(player)?.windowId;
  const root = player?.document?.documentElement;
  const view = player?.document?.defaultView;
  if (!root) return <EmptyPanel title="No page yet" words="It is here once the replay has its first frame." />;
  const page = pages.findLast(({ at_ms, window_id }) => window_id === windowId && at_ms <= timeMs + READ_EVERY_MS);
  return (
    <div className={styles.panel}>
      <FactSection title="Page">
        <Fact name="Address">{page?.url}</Fact>
        <Fact name="Title">{player?.document?.title || page?.title}</Fact>
        <Fact name="Viewport">{view && `${view.innerWidth} × ${view.innerHeight}`}</Fact>
      </FactSection>
      <Section title="Elements">
        <DomTree root={root} />
      </Section>
    </div>
  );
}
