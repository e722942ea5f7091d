import { parseError } from "@clickhouse/client-web";

const TIMEOUT_MS = 60_000;

/** Sends rows that are bytes: the client takes text only, and would copy and encode it four times over. */
export type InsertBytes = (
  insert: string,
  rows: Uint8Array<ArrayBuffer>,
  settings: Readonly<Record<string, string | number | boolean>>,
) => Promise<void>;

/**
 * @param url as `openClickHouse` has it
 * @returns what rejects as the client does: with a ClickHouseError where the server gave the reason
 */
export function bytesInserter(url: string, send: typeof fetch): InsertBytes {
  const { username, password, pathname, origin } = new URL(url);
  const user = username === "" ? "default" : decodeURIComponent(username);
  const credentials = Buffer.from(`${user}:${decodeURIComponent(password)}`).toString("base64");
  return async (insert, rows, settings) => {
    const target = new URL(origin);
    target.searchParams.set("query", insert);
    target.searchParams.set("database", pathname.slice(1) || "default");
    for (const [name, value] of Object.entries(settings)) target.searchParams.set(name, String(value));
    const response = await send(target, {
      method: "POST",
      headers: { Authorization: `Basic ${credentials}` },
      body: rows,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok || response.headers.has("x-clickhouse-exception-code")) throw parseError(text);
  };
}
