/** Which errors of the drivers mean "not now", as against a mistake of ours that trying again will not mend. */
import { ClickHouseError } from "@clickhouse/client-web";

/**
 * postgres.js reports its own connection errors and those of the socket by name, the server's by SQLSTATE.
 * Class 08 is connection exception, 53 insufficient resources, 57 operator intervention (shutting down, starting up,
 * statement timeout), 58 system error.
 */
export function isPostgresAway(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return false;
  return /^(08|53|57|58)\w{3}$/.test(code) || /^(CONNECT|CONNECTION)_/.test(code) || /^E[A-Z]{3,}$/.test(code);
}

/** 159 time, 202 too many queries at once, 209/210 network, 241 memory, 394 cancelled, 242 read-only table, 999 keeper. */
const CLICKHOUSE_NOT_NOW = new Set(["159", "202", "209", "210", "241", "242", "394", "999"]);

/** Whatever did not come from ClickHouse itself (no connection, reset, aborted, half an answer) is the way to it. */
export function isClickHouseAway(error: unknown): boolean {
  if (error instanceof ClickHouseError) return CLICKHOUSE_NOT_NOW.has(error.code);
  if (error instanceof TypeError) return /fetch failed|terminated|network/i.test(error.message);
  return codeOf(error) !== undefined || (error instanceof Error && error.name === "AbortError");
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
