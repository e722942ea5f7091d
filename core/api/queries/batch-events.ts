import { stringAt } from "#core/store/clickhouse/row-binary.ts";
import { EventType } from "#protocol/event.ts";
import { askClickHouse } from "../engines/answer.ts";
import type { EventSource, PlayedEvent } from "../playback/read-events.ts";
import type { Part } from "../playback/stretch.ts";

/**
 * The key's range first (PREWHERE), so that payloads are read of these batches only; then copies are collapsed, the
 * newest redaction rules first. FINAL would do the same at the cost of all rows in the granules that it touches.
 */
const QUERY = `
  SELECT {columns}
  FROM events_rrweb
  PREWHERE project_id = {project: UInt32} AND session_id = {session: UUID} AND window_id = {window: String}
    AND seq BETWEEN {first_seq: UInt32} AND {last_seq: UInt32} AND batch_id IN {ids: Array(UUID)}
  WHERE ts <= fromUnixTimestamp64Milli({to: Int64}, 'UTC')
    AND NOT (batch_id = {first_id: UUID} AND idx < {first_idx: UInt32})
    AND NOT ({if_meta: Bool} AND batch_id = {first_id: UUID} AND idx = {first_idx: UInt32}
      AND JSONExtractInt(payload, 'type') != {meta: UInt8})
  ORDER BY {order}, idx, version DESC
  LIMIT 1 BY batch_id, idx
  LIMIT {limit: UInt32}
  FORMAT {format}`;

/** 1 for the first of the parts. */
const PART = "toUInt32(indexOf({ids: Array(UUID)}, batch_id))";

/** A window with an id plays in the order of the table's key, which costs no sort; the window '' by the parts' order. */
function queryOf(windowId: string, columns: string, format: string): string {
  const order = windowId === "" ? PART : "seq, batch_id";
  return QUERY.replace("{columns}", columns).replace("{order}", order).replace("{format}", format);
}

/** RowBinary brings payloads as they are stored: no escaping, and no parsing on the way to the player. */
const EVENTS = { columns: `${PART} AS part, idx, payload`, format: "RowBinary" };

/**
 * What ClickHouse answers is NDJSON already, and goes on to the caller untouched. A body may have been sent with line
 * breaks between its tokens; inside of a JSON string they are always escaped, and in JSON blanks do as well.
 */
const LINES = { columns: "translate(payload, '\\n\\r', '  ')", format: "TabSeparatedRaw" };

/** More rows than any group of parts has. */
const NO_LIMIT = 2 ** 32 - 1;

/** @param parts of one window, in play order; only the first may begin after its batch's first event */
export async function batchEvents(source: EventSource, parts: readonly Part[], limit: number): Promise<PlayedEvent[]> {
  return rowsOf(Buffer.concat(await read(source, parts, EVENTS, limit)), parts);
}

/** The same events, one a line, as bytes cut anywhere. */
export function batchLines(source: EventSource, parts: readonly Part[]): Promise<Uint8Array[]> {
  return read(source, parts, LINES, NO_LIMIT);
}

async function read(
  { clickhouse, session, toTs, caller }: EventSource,
  parts: readonly Part[],
  { columns, format }: { columns: string; format: string },
  limit: number,
): Promise<Uint8Array[]> {
  const [first] = parts;
  if (!first) return [];
  const seqs = parts.map(({ batch }) => batch.seq);
  const query_params = {
    project: session.project_id,
    session: session.session_id,
    window: first.batch.window_id,
    ids: parts.map(({ batch }) => batch.batch_id),
    first_seq: Math.min(...seqs),
    last_seq: Math.max(...seqs),
    first_id: first.batch.batch_id,
    first_idx: first.fromIdx,
    if_meta: first.ifMeta ?? false,
    meta: EventType.Meta,
    to: toTs,
    limit: Math.min(limit, NO_LIMIT),
  };
  const query = queryOf(first.batch.window_id, columns, format);
  return askClickHouse(
    async (abort_signal) => {
      const clickhouse_settings = { log_comment: "api.batch-events", wait_end_of_query: 1 as const };
      const { stream } = await clickhouse.exec({ query, query_params, clickhouse_settings, abort_signal });
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
      return chunks;
    },
    { caller },
  );
}

/** RowBinary: UInt32 little-endian, UInt32, String. */
function rowsOf(bytes: Buffer, parts: readonly Part[]): PlayedEvent[] {
  const rows: PlayedEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const part = parts[bytes.readUInt32LE(at) - 1];
    const idx = bytes.readUInt32LE(at + 4);
    if (!part) throw new Error("ClickHouse tells of a batch that was not asked for");
    const { start, end } = stringAt(bytes, at + 8);
    rows.push({ batch: part.batch, idx, payload: bytes.subarray(start, end) });
    at = end;
  }
  return rows;
}
