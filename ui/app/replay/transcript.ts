/** The API's transcript, line by line. */

export interface TranscriptLine {
  /** Session time, to the second. */
  at_ms: number;
  /** `2` in the session's second tab, as it is told. */
  tab: string | null;
  words: string;
}

const LINE = /^(-?)(?:(\d+):)?(\d+):(\d\d) (?:\[(\d+)\] )?(.*)$/;

export function transcriptLines(text: string): TranscriptLine[] {
  return text.split("\n").flatMap((line) => {
    const [, sign, h = "0", m, s, tab, words] = LINE.exec(line) ?? [];
    if (words === undefined) return [];
    const ms = ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1_000;
    return [{ at_ms: sign === "-" ? -ms : ms, tab: tab ?? null, words }];
  });
}
