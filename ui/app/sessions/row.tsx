import { IconEyeCheck } from "@tabler/icons-react";
import { Fragment, lazy, type MouseEvent, memo, Suspense } from "react";
import { useNavigate } from "react-router";
import type { SessionRow } from "../routes/sessions.tsx";
import { CELLS } from "./cells.tsx";
import { COLUMNS, type ColumnId } from "./columns.ts";
import { inList } from "./in-list.ts";
import lineStyles from "./line.module.css";
import styles from "./row.module.css";
import { SelectBox } from "./select-box.tsx";
import { isAnonymous, who } from "./who.ts";

/** Fetched when a row is looked into first. */
const SessionPreview = lazy(() => import("./session-preview.tsx"));

interface RowProps {
  session: SessionRow;
  projectId: number;
  /** Around the rows stands `layoutOf` the same. */
  columns: readonly ColumnId[];
  /** Of the list's address, for the way back to it and on in it. */
  search: string;
  isLive?: boolean;
  isSelected?: boolean;
  isPreviewed?: boolean;
  /** Without it rows cannot be selected. */
  onSelect?: (id: string) => void;
  /** In a list of which only a part is in the page, from 1. */
  place?: number;
  /** Of that list; -1 while it is not known. */
  listLength?: number;
}

/**
 * One session on one line. The whole line is a link to its replay. Several new ones come with each frame of a scroll, so that
 * a row is made of plain elements: a component of a library in each would make every frame late.
 */
export const Row = memo(function Row(props: RowProps) {
  const { session, projectId, columns, search, isLive, isSelected, isPreviewed, onSelect, place, listLength } = props;
  const { session_id } = session;
  const href = inList(`/projects/${projectId}/sessions/${session_id}`, search);
  const navigate = useNavigate();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void navigate(href);
  };
  return (
    <li
      className={styles.item}
      aria-posinset={place}
      aria-setsize={listLength}
      data-selected={isSelected || undefined}
      data-watched={session.watched_by_me || undefined}
    >
      {onSelect && (
        <SelectBox
          className={styles.check}
          label={`Select the session of ${who(session)}`}
          checked={isSelected ?? false}
          onChange={() => onSelect(session_id)}
        />
      )}
      <a href={href} onClick={follow} className={`${lineStyles.line} ${styles.row}`} data-row data-session={session_id}>
        <span className={styles.who} data-anonymous={isAnonymous(session) || undefined}>
          {isLive && (
            <span className={styles.live} title="Live: in progress">
              <span className="rr-hidden">Live: </span>
            </span>
          )}
          <span className={styles.name}>{who(session)}</span>
          {session.watched_by_me && (
            <span className={styles.watched} title="You have watched it">
              <IconEyeCheck size={13} aria-hidden="true" />
              <span className="rr-hidden">, watched</span>
            </span>
          )}
        </span>
        {COLUMNS.map(({ id }) => columns.includes(id) && <Fragment key={id}>{CELLS[id](session)}</Fragment>)}
      </a>
      {isPreviewed && (
        <Suspense>
          <SessionPreview session={session} />
        </Suspense>
      )}
    </li>
  );
});
