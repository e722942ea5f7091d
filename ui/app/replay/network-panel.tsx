/** The session's requests in step with the playhead, each with its bar in the waterfall of its burst. */
import { useDeferredValue, useMemo, useState } from "react";
import { bytesInWords } from "../format/bytes.ts";
import { clock } from "../format/duration.ts";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import { EventDetail } from "./event-detail.tsx";
import panelStyles from "./event-panel.module.css";
import { FollowingList } from "./following-list.tsx";
import styles from "./network-panel.module.css";
import { PanelTools } from "./panel-tools.tsx";
import type { SessionPlayer } from "./player.ts";
import { type NetworkRow, networkRows, tookInWords } from "./requests.ts";
import type { TimelineItem } from "./timeline-item.ts";

const ROW_PX = 44;

type Shown = "asked" | "failed" | "all";
const SHOWN: Record<Shown, { label: string; holds(row: NetworkRow): boolean }> = {
  asked: { label: "Fetch/XHR", holds: ({ isAsked }) => isAsked },
  failed: { label: "Failed", holds: ({ failed }) => failed },
  all: { label: "All", holds: () => true },
};

interface NetworkPanelProps {
  items: readonly TimelineItem[] | null;
  player: SessionPlayer | null;
}

export function NetworkPanel({ items, player }: NetworkPanelProps) {
  const rows = useMemo(() => networkRows(items ?? []), [items]);
  const [shown, setShown] = useState<Shown>(rows.some(SHOWN.asked.holds) ? "asked" : "all");
  const [query, setQuery] = useState("");
  const text = useDeferredValue(query.trim().toLowerCase());
  const [chosen, setChosen] = useState<TimelineItem | null>(null);
  const listed = useMemo(
    () => rows.filter((row) => SHOWN[shown].holds(row) && `${row.method} ${row.path}`.toLowerCase().includes(text)),
    [rows, shown, text],
  );
  const kinds = (Object.keys(SHOWN) as Shown[]).map((kind) => {
    const { label, holds } = SHOWN[kind];
    return { kind, label, count: rows.filter(holds).length };
  });
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
    <div className={panelStyles.panel}>
      <PanelTools<Shown>
        label="Search requests"
        query={query}
        onQuery={setQuery}
        kinds={kinds}
        chosen={shown}
        onChoose={setShown}
      />
      {listed.length === 0 ? (
        <EmptyPanel title="No request matches" words="Another filter, or other words, may show some." />
      ) : (
        <FollowingList<NetworkRow>
          label="Requests"
          items={listed}
          player={player}
          rowPx={ROW_PX}
          rowClass={styles.request}
          onChoose={setChosen}
          row={(row) => ({ content: <Request row={row} />, tone: row.failed ? "bad" : undefined })}
        />
      )}
      {chosen && <EventDetail item={chosen} onClose={() => setChosen(null)} />}
    </div>
  );
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
