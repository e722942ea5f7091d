/** ClickHouse's errors as its HTTP interface tells them: a status, the code in a header, the text in the body. */
import type { ServerResponse } from "node:http";
import { BodyTooLarge } from "./clickhouse-request.ts";

/** The statuses that ClickHouse itself gives to codes; every other code is a 500. */
const STATUS_BY_CODE: readonly [status: number, codes: readonly number[]][] = [
  // what cannot be parsed or does not fit its type
  [400, [6, 26, 27, 38, 41, 43, 53, 57, 62, 69, 70, 72, 117, 130, 131, 321, 456, 457]],
  // what is not there: columns, functions, tables, databases, types, settings, formats
  [404, [8, 16, 36, 46, 47, 50, 60, 73, 78, 81, 115]],
  [408, [159]],
  [413, [307, 396]],
  [501, [48]],
  [503, [202, 209, 210]],
];

/** Answers with the error, or, when the answer has begun, breaks the connection so that nobody takes it for whole. */
export function answerError(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, text } = describe(error);
  for (const name of response.getHeaderNames()) {
    if (name === "x-clickhouse-query-id") continue;
    response.removeHeader(name);
  }
  const status =
    error instanceof BodyTooLarge ? 413 : (STATUS_BY_CODE.find(([, codes]) => codes.includes(code))?.[0] ?? 500);
  response.writeHead(status, {
    "content-type": "text/plain; charset=UTF-8",
    "x-clickhouse-exception-code": String(code),
    // after an answer to a body that was not read to its end, the connection is of no use
    ...(error instanceof BodyTooLarge && { connection: "close" }),
  });
  response.end(`${text}\n`);
}

/** The frame in which ClickHouse (25.11 and later) puts an error that comes after the first rows. */
export function streamedError(error: unknown, tag: string): Uint8Array {
  const text = `${describe(error).text}\n`;
  const length = Buffer.byteLength(text);
  return Buffer.from(`\r\n__exception__\r\n${tag}\r\n${text}${length} ${tag}\r\n__exception__\r\n`);
}

function describe(error: unknown): { code: number; text: string } {
  const message = error instanceof Error ? error.message : String(error);
  const code = /Code: (\d+)/.exec(message)?.[1];
  if (code !== undefined) return { code: Number(code), text: message };
  // what the engine's binding, not the engine, refuses
  return { code: 1002, text: `Code: 1002. DB::Exception: ${message} (UNKNOWN_EXCEPTION)` };
}
