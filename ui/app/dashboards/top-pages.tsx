import { Link } from "react-router";
import { counted, wholeNumber } from "../format/duration.ts";
import styles from "./panel.module.css";
import { sessionsOfPage } from "./sessions-of-page.ts";

interface TopPagesProps {
  rows: { path: string; views: number; sessions: number }[];
  projectId: number;
  search: URLSearchParams;
}

/** The pages seen most, as bars; each leads to the sessions that saw it, over the same period. */
export function TopPages({ rows, projectId, search }: TopPagesProps) {
  const most = Math.max(1, ...rows.map(({ views }) => views));
  return (
    <section aria-label="Top pages">
      <h2 className={styles.title}>Top pages</h2>
      <ol className={styles.rows}>
        {rows.map(({ path, views, sessions }) => (
          <li key={path}>
            <Link to={sessionsOfPage(path, projectId, search)} className={styles.row} prefetch="intent">
              <span className={styles.bar} style={{ width: `${(views / most) * 100}%` }} />
              <span className={styles.path}>{path}</span>
              <span className={styles.views}>{wholeNumber(views)}</span>
              <span className={styles.watch}>
                {sessions === 1 ? "watch this session" : `watch these ${counted(sessions, "session")}`}
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}
