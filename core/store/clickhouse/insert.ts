import { ClickHouseError } from "@clickhouse/client-web";
import { type ClickHouseClient, INSERT_SETTINGS } from "./client.ts";
import type { Rows } from "./insert-bytes.ts";
import { linePieces } from "./line-pieces.ts";

export type InsertOutcome =
  | { ok: true }
  /** `rows`: the engine read them and will not have them. `engine`: anything else, to be tried again unchanged. */
  | { ok: false; at: "rows" | "engine"; message: string; cause: unknown };

/**
 * Bytes of one insert. A lot of real recordings has far less of these rows; a hostile one, or a session's span facts, may
 * come to more than an engine takes at once: the one that the stack brings holds a whole statement, and refuses 512 MiB.
 */
const INSERT_BYTES = 64 * 1024 * 1024;

/**
 * Inserts any number of rows as JSON, a line each, made as they are sent: all at once would be more than a process holds.
 * The answer `ok` means that the rows are on disk. After any other answer some of them may be, too.
 */
export async function insertRows<R>(
  clickhouse: ClickHouseClient,
  table: string,
  rows: Iterable<R>,
  lineOf: (row: R) => string,
): Promise<InsertOutcome> {
  const pieces = linePieces(rows, lineOf);
  for (let first = pieces.next(); !first.done; first = pieces.next()) {
    const some = upTo(INSERT_BYTES, first.value, pieces);
    const outcome = await insertBytes(clickhouse, `INSERT INTO ${table} FORMAT JSONEachRow`, some);
    if (!outcome.ok) return outcome;
  }
  return { ok: true };
}

function* upTo(bytesMax: number, first: Rows, more: Iterator<Rows>): Generator<Rows> {
  yield first;
  for (let bytes = first.byteLength; bytes < bytesMax; ) {
    const next = more.next();
    if (next.done) return;
    yield next.value;
    bytes += next.value.byteLength;
  }
}

/**
 * Inserts rows that are bytes already, with the same promise.
 *
 * @param insert the statement, which names their columns and format
 * @param rows at least one
 */
export async function insertBytes(
  clickhouse: ClickHouseClient,
  insert: string,
  rows: Iterable<Rows>,
): Promise<InsertOutcome> {
  try {
    await clickhouse.insertBytes(insert, rows, INSERT_SETTINGS);
    return { ok: true };
  } catch (error) {
    return { ok: false, at: isRowFault(error) ? "rows" : "engine", message: withoutRows(error), cause: error };
  }
}

/**
 * The codes by which ClickHouse refuses what a row says (src/Common/ErrorCodes.cpp). A code that is not listed is taken
 * for trouble of the engine: waiting is safe, giving up a batch is not.
 */
const ROW_FAULTS = new Set([
  "6", // CANNOT_PARSE_TEXT
  "25", // CANNOT_PARSE_ESCAPE_SEQUENCE
  "26", // CANNOT_PARSE_QUOTED_STRING
  "27", // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  "38", // CANNOT_PARSE_DATE
  "41", // CANNOT_PARSE_DATETIME
  "53", // TYPE_MISMATCH
  "69", // ARGUMENT_OUT_OF_BOUND
  "70", // CANNOT_CONVERT_TYPE
  "72", // CANNOT_PARSE_NUMBER
  "117", // INCORRECT_DATA
  "128", // TOO_LARGE_ARRAY_SIZE
  "131", // TOO_LARGE_STRING_SIZE
  "167", // TOO_DEEP_AST: of a type that a row's own lists ask for
  "321", // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  "349", // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  "376", // CANNOT_PARSE_UUID
  "467", // CANNOT_PARSE_BOOL
]);

function isRowFault(error: unknown): boolean {
  return error instanceof ClickHouseError && ROW_FAULTS.has(error.code);
}

/** ClickHouse repeats the text of a row that it cannot parse; that is somebody's recording and stays out of logs. */
function withoutRows(error: unknown): string {
  if (error instanceof ClickHouseError) return `code ${error.code} ${error.type ?? ""}`.trim();
  return error instanceof Error
    ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ""}`
    : String(error);
}
