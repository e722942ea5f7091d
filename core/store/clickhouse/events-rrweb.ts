/** `events_rrweb`: one row an rrweb event, its payload being the slice of the body that was sent. */
import { clickhouseTime } from "./time.ts";

/** What the rows of one batch have in common. */
export interface BatchKey {
  project_id: number;
  session_id: string;
  window_id: string;
  seq: number;
  batch_id: string;
  /** `YYYY-MM-DD` */
  received_on: string;
  version: number;
}

export interface RecordedEvent {
  /** The client's clock, ms. */
  ts: number;
  /** The event's own JSON text. */
  payload: string;
}

/** The rows of a batch, one JSON object a line, in the order of its events. */
export function rrwebLines(key: BatchKey, events: readonly RecordedEvent[]): string {
  const common = JSON.stringify(key).slice(0, -1);
  let lines = "";
  events.forEach(({ ts, payload }, idx) => {
    lines += `${common},"idx":${idx},"ts":"${clickhouseTime(ts)}","payload":${JSON.stringify(payload)}}\n`;
  });
  return lines;
}
