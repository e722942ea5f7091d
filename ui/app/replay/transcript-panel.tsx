/** The session told in words, in step with the playhead. */
import { useDeferredValue, useMemo, useState } from "react";
import { clock } from "../format/duration.ts";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import panelStyles from "./event-panel.module.css";
import { FollowingList } from "./following-list.tsx";
import { PanelLoading } from "./panel-loading.tsx";
import { PanelTools } from "./panel-tools.tsx";
import type { SessionPlayer } from "./player.ts";
import styles from "./transcript-panel.module.css";
import { useTranscript } from "./use-transcript.ts";

const ROW_PX = 44;

interface TranscriptPanelProps {
  url: string;
  /** How much is known to have happened: the transcript is asked for again when there is more. */
  itemCount: number;
  player: SessionPlayer | null;
}

export function TranscriptPanel({ url, itemCount, player }: TranscriptPanelProps) {
  const lines = useTranscript(url, itemCount);
  const [query, setQuery] = useState("");
  const text = useDeferredValue(query.trim().toLowerCase());
  const shown = useMemo(() => (lines ?? []).filter(({ words }) => words.toLowerCase().includes(text)), [lines, text]);
  if (lines === undefined) return <PanelLoading />;
  if (lines === null) return <PanelNotLoaded what="The transcript" />;
  if (lines.length === 0)
    return (
      <EmptyPanel title="Nothing to tell yet" words="Lines appear here seconds after what they tell of was recorded." />
    );
  return (
    <div className={panelStyles.panel}>
      <PanelTools label="Search the transcript" query={query} onQuery={setQuery} />
      {shown.length === 0 ? (
        <EmptyPanel title="No line matches" words={`Nothing here says “${query.trim()}”.`} />
      ) : (
        <FollowingList
          label="Transcript"
          items={shown}
          player={player}
          rowPx={ROW_PX}
          rowClass={styles.line}
          row={({ at_ms, tab, words }) => ({
            content: (
              <>
                <span className={panelStyles.time}>{clock(at_ms)}</span>
                <span className={styles.words}>
                  {tab && <span className={panelStyles.tab}>tab {tab} </span>}
                  {words}
                </span>
              </>
            ),
          })}
        />
      )}
    </div>
  );
}
