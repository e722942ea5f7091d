/** The list: one line a session, arrow keys, and more at its end. */
import { Button } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link, useFetcher, useLocation, useSearchParams } from "react-router";
import { isTyping } from "../frame/keys.ts";
import type { loader, SessionRow } from "../routes/sessions.tsx";
import { Row } from "./row.tsx";
import styles from "./session-list.module.css";

interface SessionListProps {
  projectId: number;
  sessions: SessionRow[];
  nextCursor: string | null;
}

interface More {
  sessions: SessionRow[];
  nextCursor: string | null;
}

// What was loaded beyond the first page, by history entry: coming back shows the same list at the same place.
const moreByEntry = new Map<string, More>();

export function SessionList({ projectId, sessions, nextCursor }: SessionListProps) {
  const { more, moreHref, loadMore, loading } = useMore(nextCursor);
  const list = useArrowKeys();
  const { search } = useLocation();
  return (
    <>
      <div className={styles.head} aria-hidden="true">
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
        {[...sessions, ...more].map((session) => (
          <Row key={session.session_id} session={session} projectId={projectId} search={search} />
        ))}
      </ol>
      {moreHref && (
        <div className={styles.foot}>
          <Button component={Link} to={moreHref} variant="default" loading={loading} onClick={loadMore}>
            Load more
          </Button>
        </div>
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

/** ↑ and ↓ move among the rows; from anywhere on the page the first press goes to the list. */
function useArrowKeys() {
  const list = useRef<HTMLOListElement>(null);
  const onKey = useCallback((event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
    if (document.querySelector("[aria-modal=true], [role=menu], details[open]")) return;
    const links = [...(list.current?.querySelectorAll<HTMLElement>("a[data-row]") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const target = at < 0 ? links[0] : links[at + step];
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  }, []);
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onKey]);
  return list;
}
