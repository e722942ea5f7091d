import { useDocumentVisibility, useInterval } from "@mantine/hooks";
import { useEffect, useMemo } from "react";
import { useFetcher } from "react-router";
import type { loader } from "../routes/sessions-live.ts";

const EVERY_MS = 10_000;

/** The ids of the sessions in progress: those that the page came with, then as they are while it is looked at. */
export function useLive(projectId: number, first: readonly string[]): ReadonlySet<string> {
  const { data, load } = useFetcher<typeof loader>();
  const visible = useDocumentVisibility() === "visible";
  const { start, stop } = useInterval(() => void load(`/projects/${projectId}/sessions/live`), EVERY_MS);
  useEffect(() => {
    if (!visible) return;
    start();
    return stop;
  }, [visible, start, stop]);
  return useMemo(() => new Set(data ?? first), [data, first]);
}
