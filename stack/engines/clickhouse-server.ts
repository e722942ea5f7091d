/**
 * ClickHouse's HTTP interface over the engine as a library: what `@clickhouse/client-web`, `curl` and a person with a
 * SQL tool use of it. Loopback only and without a password, so a page in a browser must not reach it.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { StreamChunk } from "chdb";
import { z } from "zod";
import { answerError, streamedError } from "./clickhouse-error.ts";
import { type ClickHouseRequest, readRequest } from "./clickhouse-request.ts";
import { ClickHouseSessions, type RunningQuery } from "./clickhouse-sessions.ts";

/** Parameters of a query come in its address: as much of it as a ClickHouse server takes (`http_max_uri_size`). */
const URI_BYTES_MAX = 1024 * 1024;

/** Rows of a block when a result is streamed: at the engine's 65,409 a block of events would be some 100 MB. */
const STREAMED_BLOCK_ROWS = "4000";

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

const settings = z
  .object({
    /** The engine's folder; made when missing. */
    CLICKHOUSE_DATA_DIR: z.string().min(1),
    CLICKHOUSE_PORT: z.coerce.number().int().min(0).max(65_535),
  })
  .parse(process.env);

const engine = openEngine(settings.CLICKHOUSE_DATA_DIR);
const server = createServer({ maxHeaderSize: URI_BYTES_MAX }, (request, response) => {
  handle(request, response).catch((error: unknown) => answerError(response, error));
});
server.requestTimeout = 0; // a large insert may take its time
server.keepAliveTimeout = 60_000;
server.listen(settings.CLICKHOUSE_PORT, "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown());

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { host = "", origin, "sec-fetch-site": fetchSite } = request.headers;
  if (!LOOPBACK_HOST.test(host) || origin !== undefined || fetchSite !== undefined) {
    response.writeHead(403).end("This ClickHouse answers programs of this machine, not web pages.\n");
    return;
  }
  if (!server.listening) {
    // a connection that was kept alive; the engine is about to close
    response
      .writeHead(503, { connection: "close" })
      .end("Code: 210. DB::NetException: Shutting down. (NETWORK_ERROR)\n");
    return;
  }
  const url = new URL(request.url ?? "/", "http://localhost");
  if (request.method === "GET" && !url.searchParams.has("query")) {
    const found = url.pathname === "/ping" || url.pathname === "/";
    response.writeHead(found ? 200 : 404).end(found ? "Ok.\n" : "There is no such handler.\n");
    return;
  }
  const query = await readRequest(request, url);
  response.setHeader("x-clickhouse-query-id", query.queryId ?? randomUUID());
  response.setHeader("x-clickhouse-timezone", "UTC");

  const gone = new AbortController();
  response.once("close", () => {
    // A client that left wants no more of a read; an insert goes on, for its rows may be half in.
    if (!response.writableFinished && query.statement.kind !== "rows") gone.abort();
  });
  if (query.statement.kind === "stream") query.context.settings.max_block_size ??= STREAMED_BLOCK_ROWS;
  if (request.method === "GET") query.context.settings.readonly ??= "2";
  await engine.run(query.context, (session) => answer(session, query, response), gone.signal);
}

async function answer(session: RunningQuery, query: ClickHouseRequest, response: ServerResponse): Promise<void> {
  const { statement } = query;
  if (statement.kind === "rows") {
    const { table, format, rows, columns } = statement.insert;
    const summary = await session.insert({ table, format, values: rows, ...(columns && { columns }) });
    response.setHeader("x-clickhouse-summary", JSON.stringify(written(summary)));
    response.end();
    return;
  }
  response.setHeader("content-type", contentType(statement.format));
  response.setHeader("x-clickhouse-format", statement.format);
  if (statement.kind === "stream") {
    const blocks = session.queryStream(statement.sql, { format: statement.format })[Symbol.asyncIterator]();
    if (query.waitEnd) return send(response, query.gzip, await whole(blocks));
    const first = await blocks.next(); // an error before the first block still has the status to itself
    const tag = randomUUID().slice(0, 16);
    response.setHeader("x-clickhouse-exception-tag", tag);
    await send(response, query.gzip, joined(first, blocks, tag));
  } else {
    const result = await session.queryAsync(statement.sql, { format: statement.format });
    response.setHeader("x-clickhouse-summary", JSON.stringify(read(result)));
    await send(response, query.gzip, [result.bytes()]);
  }
}

async function whole(blocks: AsyncIterator<StreamChunk>): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  for (let block = await blocks.next(); !block.done; block = await blocks.next()) bytes.push(block.value.raw());
  return bytes;
}

/** The blocks of a result; an error after the first travels in the body, under the tag that the headers named. */
async function* joined(first: IteratorResult<StreamChunk>, rest: AsyncIterator<StreamChunk>, tag: string) {
  try {
    for (let block = first; !block.done; block = await rest.next()) yield block.value.raw();
  } catch (error) {
    yield streamedError(error, tag);
  } finally {
    await rest.return?.();
  }
}

/** With back-pressure: the next block is asked for when the client has taken the last. */
async function send(response: ServerResponse, gzip: boolean, blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  const source = Readable.from(blocks, { objectMode: false });
  if (!gzip) return pipeline(source, response);
  response.setHeader("content-encoding", "gzip");
  return pipeline(source, createGzip({ level: 1 }), response);
}

function contentType(format: string): string {
  if (format.startsWith("JSON"))
    return format.includes("EachRow") ? "application/x-ndjson; charset=UTF-8" : "application/json; charset=UTF-8";
  return format.startsWith("CSV") ? "text/csv; charset=UTF-8" : "text/tab-separated-values; charset=UTF-8";
}

const written = (summary: { rowsWritten: number; bytesWritten: number; elapsed: number }) => ({
  read_rows: "0",
  read_bytes: "0",
  written_rows: String(summary.rowsWritten),
  written_bytes: String(summary.bytesWritten),
  elapsed_ns: String(Math.round(summary.elapsed * 1e9)),
});

const read = (result: { rowsRead: number; bytesRead: number; elapsed: number }) => ({
  read_rows: String(result.rowsRead),
  read_bytes: String(result.bytesRead),
  written_rows: "0",
  written_bytes: "0",
  elapsed_ns: String(Math.round(result.elapsed * 1e9)),
});

function openEngine(folder: string): ClickHouseSessions {
  try {
    return new ClickHouseSessions(folder);
  } catch (error) {
    const cause = (error as Error).message.replace(/^Query failed: |\s+/g, " ").trim();
    const line = `clickhouse: cannot open its data folder ${folder}: ${cause.slice(0, 300)}`;
    console.error(`${line}. Restore a backup, or move the folder away.`);
    process.exit(1);
  }
}

/** New queries are refused, running ones end, then the engine closes its files. */
async function shutDown(): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  await engine.close();
  server.closeAllConnections();
  await closed;
  process.exit(0);
}
