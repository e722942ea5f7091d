import { ClickHouseError } from "@clickhouse/client-web";
import { type ClickHouseClient, INSERT_SETTINGS } from "./client.ts";
import type { Rows } from "./insert-bytes.ts";

export type InsertOutcome =
  | { ok: true }
  /** `rows`: the engine read them and will not have them. `engine`: anything else, to be tried again unchanged. */
  | { ok: false; at: "rows" | "engine"; message: string; cause: unknown };

/**
 * Inserts rows that are text already, one JSON object a line.
 * The answer `ok` means that the rows are on disk. After any other answer some of them may be, too.
 */
export async function insertLines(clickhouse: ClickHouseClient, table: string, lines: string): Promise<InsertOutcome> {
  if (lines === "") return { ok: true };
  const query = `INSERT INTO ${table} FORMAT JSONEachRow\n${lines}`;
  return outcomeOf(clickhouse.command({ query, clickhouse_settings: INSERT_SETTINGS }));
}

/** Characters of one insert: of rows that are as long as they may be, all at once would be more than a process holds. */
const PIECE_LENGTH = 4 * 1024 * 1024;

/** Inserts any number of rows, some MiB at a time, with the same promise. */
export async function insertRows<R>(
  clickhouse: ClickHouseClient,
  table: string,
  rows: Iterable<R>,
  lineOf: (row: R) => string,
): Promise<InsertOutcome> {
  let lines = "";
  for (const row of rows) {
    lines += lineOf(row);
    if (lines.length < PIECE_LENGTH) continue;
    const outcome = await insertLines(clickhouse, table, lines);
    if (!outcome.ok) return outcome;
    lines = "";
  }
  return insertLines(clickhouse, table, lines);
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
  return outcomeOf(clickhouse.insertBytes(insert, rows, INSERT_SETTINGS));
}

async function outcomeOf(inserting: Promise<unknown>): Promise<InsertOutcome> {
  try {
    await inserting;
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
