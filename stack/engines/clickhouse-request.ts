/** What an HTTP request to ClickHouse asks for: its parameters as the server reads them, its body cut into a statement. */
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import type { RawInsertFormat } from "chdb";
import type { QueryContext, RawRows } from "./clickhouse-sessions.ts";

/** Largest body that is taken, inflated: an insert is held whole, so that it is one block and one part. */
const BODY_BYTES_MAX = 512 * 1024 * 1024;

/** Names in the query string that are the interface's own; all others are settings. */
const RESERVED = new Set([
  "query",
  "query_id",
  "database",
  "default_format",
  "compress",
  "decompress",
  "session_id",
  "session_timeout",
  "session_check",
  "wait_end_of_query",
  "buffer_size",
  "stacktrace",
  "user",
  "password",
  "quota_key",
  "role",
  "client_protocol_version",
  "close_session",
  "http_write_exception_in_output_format",
]);

/** Whose name a query comes in that may read no more than a project's rows (infra/clickhouse/users.d/rrhog-sql.xml). */
const RESTRICTED_USER = "rrhog_sql";

/** Formats in which rows follow one another without a frame, so that blocks of a result can be sent as they come. */
const FRAMELESS = new Set([
  "JSONEachRow",
  "JSONCompactEachRow",
  "JSONStringsEachRow",
  "JSONCompactStringsEachRow",
  "TabSeparated",
  "TSV",
  "TabSeparatedRaw",
  "TSVRaw",
  "CSV",
  "LineAsString",
  "Values",
  "RowBinary",
]);

const RAW_INSERT_FORMATS: ReadonlySet<string> = new Set<RawInsertFormat>([
  "JSONEachRow",
  "JSONCompactEachRow",
  "CSV",
  "CSVWithNames",
  "TSV",
  "TabSeparated",
  "TSVWithNames",
  "TabSeparatedWithNames",
]);

/** A statement whose rows follow it, of the plain kind that clients write. */
const INSERT_WITH_ROWS =
  /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`"]+)\s*(?:\(([\w\s,`"]+)\)\s*)?FORMAT\s+(\w+)[^\S\n]*(?:\n|(?=[[{])|$)/i;

const COMMENTS = /^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/;

export type Statement =
  | { kind: "rows"; insert: RawRows }
  | { kind: "stream"; sql: string; format: string }
  | { kind: "whole"; sql: string; format: string };

export interface ClickHouseRequest {
  queryId: string | undefined;
  context: QueryContext;
  statement: Statement;
  /** The answer may be gzipped. */
  gzip: boolean;
  /** Nothing is sent before the query has ended: an error in its midst still has the status to itself. */
  waitEnd: boolean;
}

export class BodyTooLarge extends Error {}

/** Reads the whole request; the engine sees a statement only when all of its bytes have arrived. */
export async function readRequest(request: IncomingMessage, url: URL): Promise<ClickHouseRequest> {
  const settings: Record<string, string> = {};
  const parameters: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    if (name.startsWith("param_")) parameters[name.slice("param_".length)] = value;
    else if (!RESERVED.has(name)) settings[name] = value;
  }
  const query = url.searchParams.get("query") ?? "";
  const body = await readBody(request);
  return {
    queryId: url.searchParams.get("query_id") ?? undefined,
    context: {
      restricted: userOf(request, url) === RESTRICTED_USER,
      database: url.searchParams.get("database") ?? "default",
      settings,
      parameters,
    },
    statement: toStatement(query, body, url.searchParams.get("default_format") ?? "TabSeparated"),
    waitEnd: url.searchParams.get("wait_end_of_query") === "1",
    gzip: settings.enable_http_compression === "1" && /\bgzip\b/.test(request.headers["accept-encoding"] ?? ""),
  };
}

function userOf({ headers }: IncomingMessage, url: URL): string | undefined {
  const [, credentials] = /^Basic (\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (credentials !== undefined) return Buffer.from(credentials, "base64").toString().split(":")[0];
  const named = headers["x-clickhouse-user"] ?? url.searchParams.get("user") ?? undefined;
  return Array.isArray(named) ? named[0] : named;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const gzipped = request.headers["content-encoding"] === "gzip";
  let bytes = 0;
  async function* bounded(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) throw new BodyTooLarge(`a body is at most ${BODY_BYTES_MAX} bytes`);
      yield chunk;
    }
  }
  return buffer(bounded(gzipped ? request.pipe(createGunzip()) : request));
}

/** As the server does: the text of `query`, then the body. */
function toStatement(query: string, body: Buffer, defaultFormat: string): Statement {
  // A statement's head is short; only rows make a body long, and they stay bytes.
  const head = query === "" ? body.subarray(0, 16_384).toString("latin1") : `${query}\n`;
  const insert = INSERT_WITH_ROWS.exec(head);
  if (insert !== null) {
    const [text, table = "", columns, format = ""] = insert;
    if (RAW_INSERT_FORMATS.has(format)) {
      const rows = query === "" ? body.subarray(text.length) : body;
      return {
        kind: "rows",
        insert: {
          table: bare(table),
          columns: columns?.split(",").map(bare),
          format: format as RawInsertFormat,
          rows,
        },
      };
    }
  }
  const sql = query === "" ? body.toString() : body.length === 0 ? query : `${query}\n${body.toString()}`;
  const statement = sql.replace(COMMENTS, "");
  const format = /\bFORMAT\s+(\w+)\s*(?:SETTINGS\s[^()]*)?;?\s*$/i.exec(statement)?.[1] ?? defaultFormat;
  const reads = /^[\s(]*(?:SELECT|WITH)\b/i.test(statement);
  return { kind: reads && FRAMELESS.has(format) ? "stream" : "whole", sql, format };
}

function bare(name: string): string {
  return name.trim().replace(/[`"]/g, "");
}
