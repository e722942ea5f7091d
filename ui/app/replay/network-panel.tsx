/** The session's requests in step with the playhead, each with its bar in the waterfall of its burst. */
import { useMemo } from "react";
import { bytesInWords } from "../format/bytes.ts";
import { clock } from "../format/duration.ts";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import { EventDetail } from "./event-detail.tsx";
import { type ListKind, ListPanel } from "./list-panel.tsx";
import styles from "./network-panel.module.css";
import type { SessionPlayer } from "./player.ts";
import { type NetworkRow, networkRows, tookInWords } from "./requests.ts";
import type { TimelineItem } from "./timeline-item.ts";

const ROW_PX = 44;

const KINDS: readonly ListKind<NetworkRow>[] = [
  { kind: "asked", label: "Fetch/XHR", holds: ({ isAsked }) => isAsked },
  { kind: "failed", label: "Failed", holds: ({ failed }) => failed },
  { kind: "all", label: "All", holds: () => true },
];

interface NetworkPanelProps {
  items: readonly TimelineItem[] | null;
  player: SessionPlayer | null;
}

export function NetworkPanel({ items, player }: NetworkPanelProps) {
  const rows = useMemo(() => networkRows(items ?? []), [items]);
  if (items === null) return <PanelNotLoaded what="The requests" />;
  if (rows.length === 0) {
    return (
      <EmptyPanel
        title="No requests"
        words="This page asked for nothing while it was recorded, or the recorder was told to leave requests out."
      />
    );
  }
  return (
    <ListPanel
      label="Requests"
      search="Search requests"
      items={rows}
      words={words}
      kinds={KINDS}
      firstKind="asked"
      player={player}
      rowPx={ROW_PX}
      rowClass={styles.request}
      row={(row) => ({ content: <Request row={row} />, tone: row.failed ? "bad" : undefined })}
      detail={(row, onClose) => <EventDetail item={row} onClose={onClose} />}
    />
  );
}

function words({ method, path }: NetworkRow): string {
  return `${method} ${path}`;
}

function Request({ row }: { row: NetworkRow }) {
  return (
    <>
      <span className={styles.time}>{clock(row.at_ms)}</span>
      <span className={styles.method}>{row.method}</span>
      <span className={styles.path} title={row.path}>
        {row.path}
      </span>
      <span className={styles.status}>{row.answered}</span>
      <span className={styles.size}>{row.bytes === null ? "" : bytesInWords(row.bytes)}</span>
      <span className={styles.waterfall} aria-hidden="true">
        <span className={styles.bar} style={{ left: `${row.from * 100}%`, width: `${row.share * 100}%` }} />
      </span>
      <span className={styles.took}>{row.tookMs === null ? "" : tookInWords(row.tookMs)}</span>
    </>
  );
}
