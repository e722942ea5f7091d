/** What the page wrote to its console, and the errors that nobody caught, in step with the playhead. */
import { useMemo } from "react";
import { clock } from "../format/duration.ts";
import styles from "./console-panel.module.css";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import { EventDetail } from "./event-detail.tsx";
import { type ListKind, ListPanel } from "./list-panel.tsx";
import rowStyles from "./list-row.module.css";
import type { SessionPlayer } from "./player.ts";
import { aside, headline, isOfConsole, type TimelineItem, toneOf } from "./timeline-item.ts";

const ROW_PX = 34;

interface ConsolePanelProps {
  items: readonly TimelineItem[] | null;
  player: SessionPlayer | null;
}

export function ConsolePanel({ items, player }: ConsolePanelProps) {
  const lines = useMemo(() => (items ?? []).filter(isOfConsole), [items]);
  const levels = useMemo(() => levelsOf(lines), [lines]);
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
    <ListPanel
      label="Console"
      search="Search the console"
      items={lines}
      words={words}
      kinds={levels}
      player={player}
      rowPx={ROW_PX}
      rowClass={styles.line}
      row={(item) => ({ content: <Line item={item} />, tone: toneOf(item) })}
      detail={(item, onClose) => <EventDetail item={item} onClose={onClose} />}
    />
  );
}

function Line({ item }: { item: TimelineItem }) {
  return (
    <>
      <span className={rowStyles.time}>{clock(item.at_ms)}</span>
      <span className={styles.level}>{levelOf(item)}</span>
      <span className={`${rowStyles.text} ${styles.message}`} title={headline(item)}>
        {headline(item)}
      </span>
      <span className={rowStyles.aside}>{aside(item)}</span>
    </>
  );
}

function levelsOf(lines: readonly TimelineItem[]): ListKind<TimelineItem>[] {
  return [...new Set(lines.map(levelOf))].map((level) => ({
    kind: level,
    label: level,
    holds: (item) => levelOf(item) === level,
  }));
}

function levelOf({ type, detail }: TimelineItem): string {
  return type === "$error" ? "uncaught" : String(detail?.level ?? "log");
}

function words(item: TimelineItem): string {
  return `${headline(item)} ${aside(item)}`;
}
