import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { INSERT_RRWEB, rrwebRows } from "./events-rrweb.ts";
import { insertBytes } from "./insert.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
});
afterAll(() => databases.drop());

const PAYLOADS = [
  '{"a":"\\\\N \\"quoted\\" \\u0000 \\ud83e"}',
  '{\t"blanks" :\r\n[\n1 ,\t2\r]\t}',
  '{"beyond ASCII":"漢 🕵️ \u0080\u00a0\u2028"}',
  `{"longer than a piece":"${"\\\\".repeat(700_000)}"}`,
  `{"just as long":"${"x".repeat(1_100_000)}"}`,
  "{}",
];

it("stores each byte of a payload and of a key as it was sent", async () => {
  const session_id = randomUUID();
  const text = Buffer.from(PAYLOADS.join(","));
  let start = 0;
  const events = PAYLOADS.map((payload, idx) => {
    const event = { timestamp: Date.UTC(2026, 10, 23) + idx, start, end: start + Buffer.byteLength(payload) };
    start = event.end + 1;
    return event;
  });
  const key = { project_id: 1, session_id, batch_id: randomUUID(), received_on: "2026-11-23", version: 0 };
  const windows = ["", "\\N", "a\\tb\\", "!~'\"`$"];
  const rows = rrwebRows(
    windows.map((window_id, seq) => ({ key: { ...key, window_id, seq }, recorded: { text, events } })),
  );
  expect(await insertBytes(databases.clickhouse, INSERT_RRWEB, rows)).toEqual({ ok: true });

  const stored = await databases.clickhouse.query({
    query: `SELECT window_id, toUInt32(seq) AS seq, groupArray(payload) AS payloads, max(toUnixTimestamp64Milli(ts)) AS last
      FROM (SELECT * FROM events_rrweb WHERE session_id = {id: UUID} ORDER BY seq, idx) GROUP BY window_id, seq ORDER BY seq`,
    query_params: { id: session_id },
    format: "JSONEachRow",
  });
  const last = events.at(-1)?.timestamp;
  expect(await stored.json()).toEqual(windows.map((window_id, seq) => ({ window_id, seq, payloads: PAYLOADS, last })));
});
