/** What the page wrote to its console, and the errors that nobody caught, in step with the playhead. */
import { useDeferredValue, useMemo, useState } from "react";
import { clock } from "../format/duration.ts";
import styles from "./console-panel.module.css";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import { EventDetail } from "./event-detail.tsx";
import panelStyles from "./event-panel.module.css";
import { FollowingList } from "./following-list.tsx";
import { PanelTools } from "./panel-tools.tsx";
import type { SessionPlayer } from "./player.ts";
import { aside, headline, isOfConsole, type TimelineItem, toneOf } from "./timeline-item.ts";

const ROW_PX = 34;

interface ConsolePanelProps {
  items: readonly TimelineItem[] | null;
  player: SessionPlayer | null;
}

export function ConsolePanel({ items, player }: ConsolePanelProps) {
  const [level, setLevel] = useState<string | null>(null);
  const [query, setQuery] = useState("");
  const text = useDeferredValue(query.trim().toLowerCase());
  const [chosen, setChosen] = useState<TimelineItem | null>(null);
  const lines = useMemo(() => (items ?? []).filter(isOfConsole), [items]);
  const levels = useMemo(() => Map.groupBy(lines, levelOf), [lines]);
  const listed = useMemo(
    () => (level === null ? lines : (levels.get(level) ?? [])).filter((item) => words(item).includes(text)),
    [lines, levels, level, text],
  );
  if (items === null) return <PanelNotLoaded what="The console" />;
  if (lines.length === 0) {
    return (
      <EmptyPanel
        title="Nothing was written to the console"
        words="No messages and no errors were recorded. Messages are there if the recorder takes the console along."
      />
    );
  }
  return (
    <div className={panelStyles.panel}>
      <PanelTools
        label="Search the console"
        query={query}
        onQuery={setQuery}
        kinds={[...levels].map(([kind, { length }]) => ({ kind, label: kind, count: length }))}
        chosen={level}
        onChoose={(one) => setLevel(one === level ? null : one)}
      />
      {listed.length === 0 ? (
        <EmptyPanel title="No line matches" words={`Nothing here says “${query.trim()}”.`} />
      ) : (
        <FollowingList<TimelineItem>
          label="Console"
          items={listed}
          player={player}
          rowPx={ROW_PX}
          rowClass={`${panelStyles.event} ${styles.line}`}
          onChoose={setChosen}
          row={(item) => ({ content: <Line item={item} />, tone: toneOf(item) })}
        />
      )}
      {chosen && <EventDetail item={chosen} onClose={() => setChosen(null)} />}
    </div>
  );
}

function Line({ item }: { item: TimelineItem }) {
  return (
    <>
      <span className={panelStyles.time}>{clock(item.at_ms)}</span>
      <span className={styles.level}>{levelOf(item)}</span>
      <span className={`${panelStyles.text} ${styles.message}`} title={headline(item)}>
        {headline(item)}
      </span>
      <span className={panelStyles.aside}>{aside(item)}</span>
    </>
  );
}

function levelOf({ type, detail }: TimelineItem): string {
  return type === "$error" ? "uncaught" : String(detail?.level ?? "log");
}

function words(item: TimelineItem): string {
  return `${headline(item)} ${aside(item)}`.toLowerCase();
}
