import { useEffect } from "react";
import { useFetcher } from "react-router";
import { counted, wholeNumber } from "../format/duration.ts";
import { useFrame } from "../routes/project.tsx";
import type { loader } from "../routes/sessions-count.ts";
import { withSearch } from "../search.ts";
import styles from "./list-count.module.css";

interface ListCountProps {
  /** Sessions of the first page. */
  shown: number;
  hasMore: boolean;
  search: URLSearchParams;
}

/** `1,204 sessions`. Where the first page is not all, it is asked for after the list stands. */
export function ListCount({ shown, hasMore, search }: ListCountProps) {
  const { projectId } = useFrame();
  const { load, data } = useFetcher<typeof loader>();
  const address = `/projects/${projectId}/sessions/count${withSearch(search, { cursor: null })}`;
  const isKnown = !hasMore && !search.has("cursor");
  useEffect(() => {
    if (!isKnown) void load(address);
  }, [isKnown, load, address]);
  return (
    <span className={styles.count} role="status">
      {isKnown ? counted(shown, "session") : inWords(data, shown)}
    </span>
  );
}

function inWords(told: { count: number; exact: boolean } | null | undefined, shown: number): string {
  if (!told) return `more than ${wholeNumber(shown)} sessions`;
  return told.exact ? counted(told.count, "session") : `more than ${counted(told.count, "session")}`;
}
