/** The session told in words, in step with the playhead. */
import { clock } from "../format/duration.ts";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import { ListPanel } from "./list-panel.tsx";
import rowStyles from "./list-row.module.css";
import { PanelLoading } from "./panel-loading.tsx";
import type { SessionPlayer } from "./player.ts";
import type { TranscriptLine } from "./transcript.ts";
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
  if (lines === undefined) return <PanelLoading />;
  if (lines === null) return <PanelNotLoaded what="The transcript" />;
  if (lines.length === 0)
    return (
      <EmptyPanel title="Nothing to tell yet" words="Lines appear here seconds after what they tell of was recorded." />
    );
  return (
    <ListPanel
      label="Transcript"
      search="Search the transcript"
      items={lines}
      words={wordsOf}
      player={player}
      rowPx={ROW_PX}
      rowClass={styles.line}
      row={(line) => ({ content: <Line line={line} /> })}
    />
  );
}

function Line({ line: { at_ms, tab, words } }: { line: TranscriptLine }) {
  return (
    <>
      <span className={rowStyles.time}>{clock(at_ms)}</span>
      <span className={styles.words}>
        {tab && <span className={rowStyles.tab}>tab {tab} </span>}
        {words}
      </span>
    </>
  );
}

function wordsOf({ words }: TranscriptLine): string {
  return words;
}
