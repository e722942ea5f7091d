import { useCallback, useMemo } from "react";
import { useFetcher } from "react-router";
import type { loader } from "../routes/sessions-live.ts";
import { useWhileVisible } from "../use-while-visible.ts";

const EVERY_MS = 10_000;

/** The ids of the sessions in progress: those that the page came with, then as they are while it is looked at. */
export function useLive(projectId: number, first: readonly string[]): ReadonlySet<string> {
  const { data, load } = useFetcher<typeof loader>();
  const ask = useCallback(() => void load(`/projects/${projectId}/sessions/live`), [load, projectId]);
  useWhileVisible(ask, { everyMs: EVERY_MS });
  return useMemo(() => new Set(data ?? first), [data, first]);
}
