/** `seen_text`: what people could read in a window, each text once, when it was seen first. */
import type { SessionKey } from "./batches.ts";
import { jsonLine } from "./json-line.ts";
import { clickhouseTime } from "./time.ts";

export interface SeenTextRow extends SessionKey {
  window_id: string;
  /** A hash of the text. */
  text_id: string;
  /** Corrected and clamped, ms. */
  ts: number;
  text: string;
  /** `YYYY-MM-DD` */
  received_on: string;
  version: number;
}

export function seenTextLine(row: SeenTextRow): string {
  return jsonLine({ ...row, ts: clickhouseTime(row.ts) });
}
