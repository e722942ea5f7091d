/** The list: one line a session, arrow keys, selection, and more at its end. */
import { Button, Checkbox } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link, useFetcher, useLocation, useSearchParams } from "react-router";
import { isTyping } from "../frame/keys.ts";
import type { loader, SessionRow } from "../routes/sessions.tsx";
import { Row } from "./row.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import styles from "./session-list.module.css";
import { type Selection, useSelection } from "./use-selection.ts";

interface SessionListProps {
  projectId: number;
  sessions: SessionRow[];
  nextCursor: string | null;
  /** Ids of sessions in progress. */
  live: ReadonlySet<string>;
}

interface More {
  sessions: SessionRow[];
  nextCursor: string | null;
}

// What was loaded beyond the first page, by history entry: coming back shows the same list at the same place.
const moreByEntry = new Map<string, More>();

export function SessionList({ projectId, sessions, nextCursor, live }: SessionListProps) {
  const { more, moreHref, loadMore, loading } = useMore(nextCursor);
  const selection = useSelection();
  const list = useListKeys(selection);
  const { search } = useLocation();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const { ids: selected, clear } = selection;
  const onGone = useCallback(() => {
    setGone((before) => new Set([...before, ...selected]));
    clear();
  }, [selected, clear]);
  // What began meanwhile moves the pages: a session may come with two of them.
  const rows = [...new Map([...sessions, ...more].map((session) => [session.session_id, session])).values()].filter(
    ({ session_id }) => !gone.has(session_id),
  );
  return (
    <>
      <div className={styles.head}>
        <Checkbox
          size="xs"
          aria-label="Select all that are shown"
          checked={rows.length > 0 && selected.size === rows.length}
          indeterminate={selected.size > 0 && selected.size < rows.length}
          onChange={({ currentTarget }) =>
            currentTarget.checked ? selection.set(rows.map(({ session_id }) => session_id)) : clear()
          }
        />
        <span>Person</span>
        <span>Way through the site</span>
        <span>Activity</span>
        <span className={styles.right}>Length</span>
        <span className={styles.right}>Pages</span>
        <span />
        <span>From</span>
        <span className={styles.right}>Started</span>
      </div>
      <ol className={styles.list} ref={list} aria-label="Sessions">
        {rows.map((session) => (
          <Row
            key={session.session_id}
            session={session}
            projectId={projectId}
            search={search}
            isLive={live.has(session.session_id)}
            isSelected={selected.has(session.session_id)}
            onSelect={selection.toggle}
          />
        ))}
      </ol>
      {moreHref && (
        <div className={styles.foot}>
          <Button component={Link} to={moreHref} variant="default" loading={loading} onClick={loadMore}>
            Load more
          </Button>
        </div>
      )}
      {selected.size > 0 && (
        <SelectionBar
          selection={selection}
          collection={new URLSearchParams(search).get("collection")}
          onGone={onGone}
        />
      )}
    </>
  );
}

/** Older pages, added below. Without scripts the same link leads to the next page. */
function useMore(firstCursor: string | null) {
  const { key, pathname } = useLocation();
  const [search] = useSearchParams();
  const fetcher = useFetcher<typeof loader>();
  const [{ sessions, nextCursor }, setMore] = useState<More>(
    () => moreByEntry.get(key) ?? { sessions: [], nextCursor: firstCursor },
  );

  const taken = useRef<unknown>(null);
  useEffect(() => {
    const page = fetcher.data;
    if (!page || taken.current === page) return;
    taken.current = page;
    setMore((before) => ({ sessions: [...before.sessions, ...page.sessions], nextCursor: page.next_cursor }));
  }, [fetcher.data]);

  useEffect(() => {
    if (sessions.length > 0) moreByEntry.set(key, { sessions, nextCursor });
  }, [key, sessions, nextCursor]);

  const next = new URLSearchParams(search);
  if (nextCursor) next.set("cursor", nextCursor);
  const moreHref = nextCursor ? `${pathname}?${next}` : null;
  const loadMore = (event: React.MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || !moreHref) return;
    event.preventDefault();
    void fetcher.load(moreHref);
  };
  return { more: sessions, moreHref, loadMore, loading: fetcher.state !== "idle" };
}

/** ↑ and ↓ move among the rows, X selects one; from anywhere on the page the first press goes to the list. */
function useListKeys({ toggle, clear }: Selection) {
  const list = useRef<HTMLOListElement>(null);
  const onKey = useCallback(
    (event: KeyboardEvent) => {
      if (isTypingText(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
      // Closed menus and popovers may stay in the page, unseen.
      const layers = [...document.querySelectorAll("[aria-modal=true], [role=menu], [role=dialog]")];
      if (layers.some((layer) => layer.checkVisibility())) return;
      const links = [...(list.current?.querySelectorAll<HTMLElement>("a[data-row]") ?? [])];
      const at = links.findIndex((link) => link.parentElement?.contains(document.activeElement));
      if (event.key === "Escape") return clear();
      if (event.key === "x") {
        const id = links[at]?.dataset.session;
        if (id) toggle(id);
        return;
      }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const target = at < 0 ? links[0] : links[at + step];
      if (!target) return;
      event.preventDefault();
      target.focus();
      target.scrollIntoView({ block: "nearest" });
    },
    [toggle, clear],
  );
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onKey]);
  return list;
}

/** A row's own checkbox takes no letters. */
function isTypingText(target: EventTarget | null): boolean {
  return isTyping(target) && !(target instanceof HTMLInputElement && target.type === "checkbox");
}
