import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertRows } from "#core/store/clickhouse/insert.ts";
import { seenTextLine } from "#core/store/clickhouse/seen-text.ts";
import { hashParts } from "#protocol/batch-id.ts";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 3_600_000;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

/** A session that showed the texts, each so many ms after its start. */
async function showed(texts: Record<string, number>, { project = 1, startedAt = T0 } = {}): Promise<string> {
  const sessionId = randomUUID();
  const payloads = recordedPage(startedAt);
  await load(api, { projectId: project, sessionId, windowId: "w", seq: 0, payloads, receivedAt: startedAt });
  const rows = Object.entries(texts).map(([text, ms]) => ({
    project_id: project,
    session_id: sessionId,
    window_id: "w",
    text_id: hashParts(text),
    ts: startedAt + ms,
    text,
    received_on: new Date(startedAt).toISOString().slice(0, 10),
    version: 1,
  }));
  expect(await insertRows(api.clickhouse, "seen_text", rows, seenTextLine)).toEqual({ ok: true });
  return sessionId;
}

async function found(q: string, more = ""): Promise<{ session_id: string; at_ms: number; text: string }[]> {
  const answer = await api.get(`/v1/projects/1/search?q=${encodeURIComponent(q)}${more}`, api.reader);
  expect(answer.status, q).toBe(200);
  return ((await answer.json()) as { sessions: { session_id: string; at_ms: number; text: string }[] }).sessions;
}

test("finds the sessions that showed a phrase, the latest first, each where it did first", async () => {
  const declined = await showed({ "Sorry: Card DECLINED by your bank": 9_000, "Your card declined again": 12_000 });
  const later = await showed({ "Card declined": 100 }, { startedAt: T0 + 60_000 });
  await showed({ "Card accepted": 100, declined: 50 });
  await showed({ "Card declined": 1 }, { project: 2 });
  expect(await found(" card   declined ")).toMatchObject([
    { session_id: later, at_ms: 100, text: "Card declined" },
    { session_id: declined, at_ms: 9_000, text: "Sorry: Card DECLINED by your bank", window_id: "w" },
  ]);
  expect(await found("card declined", "&limit=1")).toMatchObject([{ session_id: later }]);
  expect(await found("ard decl")).toHaveLength(2);
  expect(await found("card declined", `&session_id=${declined}`)).toMatchObject([{ at_ms: 9_000 }]);
  expect(await found("card declined", `&session_id=${randomUUID()}`)).toEqual([]);
});

test("takes a phrase as it is: parts of words, any script, no wildcards", async () => {
  const session = await showed({ "100% of GRÖSSE_9 sold": 5, 結果はありません: 7 });
  for (const phrase of ["100% of", "grösse_9", "結果は", "OF gr", "9 s"]) {
    expect(await found(phrase), phrase).toMatchObject([{ session_id: session }]);
  }
  expect(await found("100%sold")).toEqual([]);
  expect(await found("100_ of")).toEqual([]);
});

test("shows of a long text what is around the phrase", async () => {
  await showed({ [`${"word ".repeat(100)}needle ${"more ".repeat(100)}`]: 5 });
  const [hit] = await found("needle");
  expect(hit?.text).toMatch(/^word .*needle more/);
  expect(hit?.text.length).toBeLessThanOrEqual(200);
});

test("finds nothing of what is deleted, from the moment it is", async () => {
  const session = await showed({ "Only here to be deleted": 5 });
  expect(await found("only here to be")).toHaveLength(1);
  await api.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${session})`;
  expect(await found("only here to be")).toEqual([]);
});

test("reads what the index points to, not every text", async () => {
  const rows = Array.from({ length: 20_000 }, (_, at) => ({
    project_id: 1,
    session_id: randomUUID(),
    window_id: "w",
    text_id: randomUUID(),
    ts: T0,
    text: `Some text that nobody asks for ${at}`,
    received_on: new Date(T0).toISOString().slice(0, 10),
    version: 1,
  }));
  expect(await insertRows(api.clickhouse, "seen_text", rows, seenTextLine)).toEqual({ ok: true });
  const explained = await api.clickhouse.query({
    query:
      "EXPLAIN indexes = 1 SELECT text FROM seen_text WHERE project_id = 1 AND lowerUTF8(text) LIKE lowerUTF8('%Card Declined%')",
    format: "TabSeparated",
  });
  expect((await explained.text()).replace(/\s+/g, " ")).toMatch(/Name: by_text.*?Granules: [01]\//);
});

test.each(["", "q=", "q=a", `q=${"x".repeat(201)}`])("refuses %s", async (query) => {
  const answer = await api.get(`/v1/projects/1/search?${query}`, api.reader);
  expect(answer.status).toBe(400);
});
