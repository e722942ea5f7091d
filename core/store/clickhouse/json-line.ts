/**
 * A row as ClickHouse's JSONEachRow takes it. What clients send may hold half a surrogate pair, which JSON.stringify
 * writes as an escape that ClickHouse refuses, and the whole insert with it; it becomes U+FFFD.
 */
export function jsonLine(row: object): string {
  return `${JSON.stringify(row, (_key, value: unknown) => (typeof value === "string" ? value.toWellFormed() : value))}\n`;
}
