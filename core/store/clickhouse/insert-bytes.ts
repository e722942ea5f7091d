import { ReadableStream } from "node:stream/web";
import { parseError } from "@clickhouse/client-web";

const TIMEOUT_MS = 60_000;

/** Rows as text, cut anywhere. */
export type Rows = Uint8Array<ArrayBuffer>;

/** Sends rows that are bytes: the client takes text only, and would copy and encode it four times over. */
export type InsertBytes = (insert: string, rows: Iterable<Rows>, settings: Settings) => Promise<void>;

type Settings = Readonly<Record<string, string | number | boolean>>;

/**
 * @param url as `openClickHouse` has it
 * @param common stated with every insert, beside its own
 * @returns what rejects as the client does: with a ClickHouseError where the server gave the reason
 */
export function bytesInserter(url: string, send: typeof fetch, common: Settings): InsertBytes {
  const { username, password, pathname, origin } = new URL(url);
  const user = username === "" ? "default" : decodeURIComponent(username);
  const credentials = Buffer.from(`${user}:${decodeURIComponent(password)}`).toString("base64");
  return async (insert, rows, settings) => {
    const target = new URL(origin);
    target.searchParams.set("query", insert);
    target.searchParams.set("database", pathname.slice(1) || "default");
    for (const [name, value] of Object.entries({ ...common, ...settings }))
      target.searchParams.set(name, String(value));
    const request = {
      method: "POST",
      headers: { Authorization: `Basic ${credentials}` },
      // As a stream: any other body is copied, twice.
      body: ReadableStream.from(rows),
      duplex: "half",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const response = await send(target, request as unknown as RequestInit); // the DOM's types know no such stream
    const text = await response.text();
    if (!response.ok || response.headers.has("x-clickhouse-exception-code")) throw parseError(text);
  };
}
