/** The list: one line a session, arrow keys, selection, and more as its end comes near. */
import { Button } from "@mantine/core";
import { lazy, type MouseEvent, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Link, useFetcher, useLocation, useSearchParams } from "react-router";
import type { loader, SessionRow } from "../routes/sessions.tsx";
import { withSearch } from "../search.ts";
import { COLUMNS, type ColumnId, layoutOf } from "./columns.ts";
import lineStyles from "./line.module.css";
import { Row } from "./row.tsx";
import { SelectBox } from "./select-box.tsx";
import styles from "./session-list.module.css";
import { useListKeys } from "./use-list-keys.ts";
import { usePreview } from "./use-preview.ts";
import { useSelection } from "./use-selection.ts";
import { useWindowed } from "./use-windowed.ts";

// Fetched when something is selected for the first time, and not before.
const SelectionBar = lazy(() => import("./selection-bar.tsx"));

/** More is asked for when so few rows are left below what is seen. */
const ROWS_AHEAD = 24;

interface SessionListProps {
  projectId: number;
  sessions: SessionRow[];
  nextCursor: string | null;
  /** Ids of sessions in progress. */
  live: ReadonlySet<string>;
  columns: readonly ColumnId[];
}

interface More {
  sessions: SessionRow[];
  nextCursor: string | null;
}

// What was loaded beyond the first page, by history entry: coming back shows the same list at the same place.
const moreByEntry = new Map<string, More>();

export function SessionList({ projectId, sessions, nextCursor, live, columns }: SessionListProps) {
  const { more, moreHref, loadMore, loading } = useMore(nextCursor);
  const selection = useSelection();
  const preview = usePreview();
  const list = useListKeys({
    onSelect: selection.toggle,
    onPreview: preview.toggle,
    onEscape: preview.id === null ? selection.clear : preview.close,
  });
  const { search } = useLocation();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const { ids: selected, clear } = selection;
  const onGone = useCallback(() => {
    setGone((before) => new Set([...before, ...selected]));
    clear();
  }, [selected, clear]);
  // What began meanwhile moves the pages: a session may come with two of them.
  const rows = useMemo(
    () =>
      [...new Map([...sessions, ...more].map((session) => [session.session_id, session])).values()].filter(
        ({ session_id }) => !gone.has(session_id),
      ),
    [sessions, more, gone],
  );
  const { first, end, below, padding } = useWindowed(list, rows.length, sessions.length);
  const isEndNear = below < ROWS_AHEAD;
  useEffect(() => {
    if (isEndNear && !loading) loadMore();
  }, [isEndNear, loading, loadMore]);
  const loadMoreHere = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    loadMore();
  };
  return (
    <>
      <div className={styles.table} style={layoutOf(columns)}>
        <div className={`${lineStyles.line} ${styles.head}`}>
          <SelectBox
            className={styles.all}
            label="Select all that are shown"
            checked={rows.length > 0 && selected.size === rows.length}
            indeterminate={selected.size > 0 && selected.size < rows.length}
            onChange={(checked) => (checked ? selection.set(rows.map(({ session_id }) => session_id)) : clear())}
          />
          <span>Person</span>
          {COLUMNS.map(
            (column) =>
              columns.includes(column.id) && (
                <span key={column.id} className={"isFigure" in column ? styles.figure : styles.word}>
                  {column.label}
                </span>
              ),
          )}
        </div>
        <ol className={styles.list} style={padding} ref={list} aria-label="Sessions" {...preview.hover}>
          {rows.slice(first, end).map((session, i) => (
            <Row
              key={session.session_id}
              place={first + i + 1}
              listLength={moreHref ? -1 : rows.length}
              session={session}
              projectId={projectId}
              columns={columns}
              search={search}
              isLive={live.has(session.session_id)}
              isSelected={selected.has(session.session_id)}
              isPreviewed={preview.id === session.session_id}
              onSelect={selection.toggle}
            />
          ))}
        </ol>
      </div>
      {moreHref && (
        <div className={styles.foot}>
          <Button component={Link} to={moreHref} variant="default" loading={loading} onClick={loadMoreHere}>
            Load more
          </Button>
        </div>
      )}
      {selected.size > 0 && (
        <Suspense>
          <SelectionBar
            selection={selection}
            collection={new URLSearchParams(search).get("collection")}
            onGone={onGone}
          />
        </Suspense>
      )}
    </>
  );
}

/** Older pages, added below as the list's end comes near. Without scripts the link there leads to the next page. */
function useMore(firstCursor: string | null) {
  const { key, pathname } = useLocation();
  const [search] = useSearchParams();
  const { load, data: page, state } = useFetcher<typeof loader>();
  const [{ sessions, nextCursor, lastPage }, setMore] = useState<More & { lastPage?: typeof page }>(
    () => moreByEntry.get(key) ?? { sessions: [], nextCursor: firstCursor },
  );
  if (page && page !== lastPage) {
    setMore({ sessions: [...sessions, ...page.sessions], nextCursor: page.next_cursor, lastPage: page });
  }

  useEffect(() => {
    if (sessions.length > 0) moreByEntry.set(key, { sessions, nextCursor });
  }, [key, sessions, nextCursor]);

  const moreHref = nextCursor ? `${pathname}${withSearch(search, { cursor: nextCursor })}` : null;
  const loadMore = useCallback(() => {
    if (moreHref) void load(moreHref);
  }, [load, moreHref]);
  return { more: sessions, moreHref, loadMore, loading: state !== "idle" };
}
