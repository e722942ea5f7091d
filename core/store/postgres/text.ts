/**
 * Postgres text and JSON hold neither U+0000 nor half a surrogate pair, and what clients send may have both: one such
 * character would make a statement fail at every attempt. They become U+FFFD. ClickHouse keeps what was sent.
 */
export function postgresText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** JSON text that Postgres takes, for statements over many rows (`json_to_recordset`). */
export function postgresJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "string" ? postgresText(inner) : inner));
}
