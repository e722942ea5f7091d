import { useEffect, useState } from "react";
import { type TranscriptLine, transcriptLines } from "./transcript.ts";

/** Null where it could not be had, undefined while it is asked for. */
export type Transcript = readonly TranscriptLine[] | null | undefined;

/** @param version of what it is told from: another one is asked for when that changes */
export function useTranscript(url: string, version: number): Transcript {
  const [lines, setLines] = useState<Transcript>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see `version`
  useEffect(() => {
    const leave = new AbortController();
    fetch(url, { signal: leave.signal })
      .then(async (answer) => {
        if (!answer.ok) throw new Error(`The API answered ${answer.status}`);
        setLines(transcriptLines(await answer.text()));
      })
      .catch(() => {
        // What was there stays: one that could not be renewed is better than none.
        if (!leave.signal.aborted) setLines((before) => before ?? null);
      });
    return () => leave.abort();
  }, [url, version]);
  return lines;
}
