import { useEffect, useState } from "react";
import { useFetcher } from "react-router";
import type { loader } from "../routes/session-timeline.ts";
import type { TimelineItem } from "./timeline-item.ts";

/** Null where it could not be had, undefined until it is here. */
type Timeline = readonly TimelineItem[] | null | undefined;

/**
 * What happened in a session: thousands of items where it took hours, so it is asked for once the first frame is shown.
 * @param known what the page came with
 */
export function useTimeline(url: string, known: Timeline, isOpening: boolean): Timeline {
  const { load, data } = useFetcher<typeof loader>();
  const [isWanted, setWanted] = useState(false);
  if (known === undefined && !isOpening && !isWanted) setWanted(true);
  useEffect(() => {
    if (isWanted) void load(url);
  }, [isWanted, load, url]);
  return known === undefined ? data : known;
}
