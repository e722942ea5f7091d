/** `events_rrweb`: one row an rrweb event, its payload being the slice of the body that was sent. */
import type { Slice } from "#protocol/json-scan.ts";
import { clickhouseTime } from "./time.ts";
import { tsvLength, writeTsv } from "./tsv.ts";

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

export interface Recorded {
  /** Holds the events' own JSON texts. */
  text: Uint8Array;
  events: readonly RecordedEvent[];
}

/** Where its JSON text lies. */
export interface RecordedEvent extends Slice {
  /** The client's clock, ms. */
  timestamp: number;
}

/** The statement that `rrwebRows` go with. */
export const INSERT_RRWEB =
  "INSERT INTO events_rrweb (project_id, session_id, window_id, seq, batch_id, received_on, version, idx, ts, payload) FORMAT TabSeparated";

/**
 * The rows of batches, a line each, in the order of their events. Bytes from the body to the row: a payload is neither
 * made a string nor quoted, which was most of what an insert cost the worker.
 */
export function rrwebRows(batches: readonly { key: BatchKey; recorded: Recorded }[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  const parts = batches.map(({ key, recorded: { text, events } }) => {
    const head = Buffer.from(headOf(key));
    const rows = events.map(({ timestamp, start, end }, idx) => {
      const middle = `${idx}\t${clickhouseTime(timestamp)}\t`;
      length += head.byteLength + middle.length + tsvLength(text, start, end) + 1;
      return { middle, start, end };
    });
    return { head, text, rows };
  });
  const lines = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const { head, text, rows } of parts) {
    for (const { middle, start, end } of rows) {
      lines.set(head, at);
      at += head.byteLength;
      at += lines.write(middle, at, "latin1");
      at = writeTsv(lines, at, text, start, end);
      lines[at++] = NEWLINE;
    }
  }
  return lines;
}

const NEWLINE = 0x0a;

function headOf({ project_id, session_id, window_id, seq, batch_id, received_on, version }: BatchKey): string {
  const window = window_id.replaceAll("\\", "\\\\"); // printable ASCII (protocol/batch.ts)
  return `${[project_id, session_id, window, seq, batch_id, received_on, version].join("\t")}\t`;
}
