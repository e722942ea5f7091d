import { type ClickHouseSettings, type ClickHouseClient as Client, createClient } from "@clickhouse/client-web";
import { bytesInserter, type InsertBytes } from "./insert-bytes.ts";

export type ClickHouseClient = Client & { insertBytes: InsertBytes };

/**
 * What each insert states for itself, since defaults differ between versions. A retry must neither be queued in memory
 * nor be taken for a block that is already there: rows fold by their key alone. In 26.7 only `deduplicate_insert`
 * turns the latter off; the older name is sent for older servers.
 */
export const INSERT_SETTINGS = {
  async_insert: 0,
  insert_deduplicate: 0,
  deduplicate_insert: "disable",
  distributed_foreground_insert: 1,
  // Values of a JSON column stay what was sent: text that looks like a time is text, and a list may hold true beside 1.
  input_format_try_infer_dates: 0,
  input_format_try_infer_datetimes: 0,
  input_format_json_read_bools_as_numbers: 0,
  input_format_json_read_bools_as_strings: 0,
  input_format_json_read_numbers_as_strings: 0,
  input_format_json_read_arrays_as_strings: 0,
  // Names that only differ in what no column can hold would refuse the whole insert.
  type_json_skip_duplicated_paths: 1,
} as const satisfies Record<string, string | number>;

/** What each read states: rows as they were written, and an end to it. */
const READ_SETTINGS: ClickHouseSettings = {
  date_time_output_format: "iso",
  output_format_json_quote_64bit_integers: 0,
  max_execution_time: 30,
};

/** For writing and reading alike: in a JSON column the name `a.b` is not the `b` of `a`. Stored as `a%2Eb`. */
const JSON_NAMES = { json_type_escape_dots_in_keys: 1 } as const satisfies ClickHouseSettings;

/**
 * @param url `http://user:password@host:port/database`; the database is `default` where the path is empty
 * @param application names the part in ClickHouse's own logs
 * @param send what carries a request; tests lose answers with it
 */
export function openClickHouse(url: string, application: string, send: typeof fetch = fetch): ClickHouseClient {
  const client = createClient({
    url,
    fetch: send,
    application,
    request_timeout: 60_000,
    clickhouse_settings: { ...READ_SETTINGS, ...JSON_NAMES },
    max_open_connections: 8,
  });
  return Object.assign(client, { insertBytes: bytesInserter(url, send, JSON_NAMES) });
}
