/** `events_rrweb`: one row an rrweb event, its payload being the slice of the body that was sent. */
import type { Slice } from "#protocol/json-scan.ts";
import type { Rows } from "./insert-bytes.ts";
import { clickhouseTime } from "./time.ts";
import { tsvLength, tsvLengthMax, writeTsv } from "./tsv.ts";

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

/** Rows are sent in pieces of about this much, made as they go: never all of a lot in memory twice. */
const PIECE_BYTES = 512 * 1024;

/** Longer than an index and a time with their tabs, and the end of the line. */
const COLUMNS_BYTES_MAX = 64;

/**
 * The rows of batches, a line each, in the order of their events. Bytes from the body to the row: a payload is neither
 * made a string nor quoted, which was most of what an insert cost the worker.
 */
export function* rrwebRows(batches: readonly { key: BatchKey; recorded: Recorded }[]): Generator<Rows> {
  let piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let at = 0;
  for (const { key, recorded } of batches) {
    const { text, events } = recorded;
    const head = Buffer.from(headOf(key));
    for (const [idx, { timestamp, start, end }] of events.entries()) {
      const others = head.byteLength + COLUMNS_BYTES_MAX;
      if (at + others + tsvLengthMax(start, end) > piece.byteLength) {
        if (at > 0) yield piece.subarray(0, at);
        piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, others + tsvLength(text, start, end)));
        at = 0;
      }
      piece.set(head, at);
      at += head.byteLength;
      at += piece.write(`${idx}\t${clickhouseTime(timestamp)}\t`, at, "latin1");
      at = writeTsv(piece, at, text, start, end);
      piece[at++] = NEWLINE;
    }
  }
  if (at > 0) yield piece.subarray(0, at);
}

const NEWLINE = 0x0a;

function headOf({ project_id, session_id, window_id, seq, batch_id, received_on, version }: BatchKey): string {
  const window = window_id.replaceAll("\\", "\\\\"); // printable ASCII (protocol/batch.ts)
  return `${[project_id, session_id, window, seq, batch_id, received_on, version].join("\t")}\t`;
}
