import { randomUUID } from "node:crypto";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertRows } from "#core/store/clickhouse/insert.ts";
import { seenTextLine } from "#core/store/clickhouse/seen-text.ts";
import { hashParts } from "#protocol/batch-id.ts";
import { OTHER, type TestApi } from "../testing/api.ts";
import { load, loadCustom, recordedPage } from "../testing/recording.ts";
import { startSqlApi } from "../testing/sql-api.ts";

const T0 = Date.now() - 3_600_000;
const MINE = randomUUID();
const THEIRS = randomUUID();

let api: TestApi;
beforeAll(async () => {
  api = await startSqlApi();
  for (const [projectId, sessionId] of [
    [1, MINE],
    [OTHER.id, THEIRS],
  ] as const) {
    const session = { projectId, sessionId, windowId: "w", receivedAt: T0 };
    await load(api, { ...session, seq: 0, payloads: recordedPage(T0) });
    await loadCustom(api, { ...session, events: [{ name: "bought", ts: T0 + 100, props: { cents: 5 } }] });
  }
  const text = {
    project_id: 1,
    session_id: MINE,
    window_id: "w",
    text_id: hashParts("Card declined"),
    ts: T0,
    text: "Card declined",
    received_on: new Date(T0).toISOString().slice(0, 10),
    version: 1,
  };
  expect(await insertRows(api.clickhouse, "seen_text", [text], seenTextLine)).toEqual({ ok: true });
});
afterAll(() => api.drop());

/** An agent, by the protocol's own client. */
async function agent(headers: Record<string, string>) {
  const client = new Client({ name: "agent", version: "1" });
  const transport = new StreamableHTTPClientTransport(new URL("http://api.test/mcp"), {
    fetch: async (url, init) => api.request(new URL(url).pathname, init as RequestInit),
    requestInit: { headers },
  });
  await client.connect(transport);
  return {
    client,
    async call(name: string, given: Record<string, unknown> = {}): Promise<{ text: string; isError: boolean }> {
      const answer = await client.callTool({ name, arguments: given });
      const [content] = answer.content as { text: string }[];
      return { text: content?.text ?? "", isError: answer.isError === true };
    },
  };
}

test("an agent with a read key finds its way from the projects to what happened in a session", async () => {
  const { client, call } = await agent(api.reader);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    "list_projects",
    "list_sessions",
    "get_session",
    "transcript",
    "timeline",
    "search_text",
    "run_sql",
  ]);
  expect(JSON.parse((await call("list_projects")).text)).toMatchObject({ projects: [{ id: 1 }] });
  expect(
    JSON.parse((await call("list_sessions", { project_id: 1, event: "bought", has_errors: false })).text),
  ).toMatchObject({ sessions: [{ session_id: MINE }] });
  expect(JSON.parse((await call("list_sessions", { project_id: 1, event: "sold" })).text)).toMatchObject({
    sessions: [],
  });
  const bought = { project_id: 1, event: "bought" };
  for (const [property, found] of [
    [["cents:gte:5", "cents:lt:6"], [{ session_id: MINE }]],
    [["cents:gte:5", "cents:lt:5"], []],
  ]) {
    expect(JSON.parse((await call("list_sessions", { ...bought, property })).text)).toMatchObject({ sessions: found });
  }
  const one = { project_id: 1, session_id: MINE };
  expect(JSON.parse((await call("get_session", one)).text)).toMatchObject({ session_id: MINE, pages: [{ path: "/" }] });
  expect((await call("transcript", one)).text).toContain("bought");
  expect(JSON.parse((await call("timeline", one)).text)).toMatchObject({ items: expect.any(Array) });
  expect(JSON.parse((await call("search_text", { project_id: 1, phrase: "card decl" })).text)).toMatchObject({
    sessions: [{ session_id: MINE, text: "Card declined" }],
  });
});

test("has its caller's rights: SQL is for members, other projects are not there", async () => {
  const query = { project_id: 1, query: "SELECT event_name FROM events WHERE event_name = {name: String}" };
  const parameters = { name: "bought" };
  const reader = await agent(api.reader);
  expect(await reader.call("run_sql", query)).toMatchObject({
    isError: true,
    text: expect.stringContaining("not_permitted"),
  });
  const owner = await agent(await api.signIn());
  const result = await owner.call("run_sql", { ...query, parameters });
  expect(JSON.parse(result.text)).toMatchObject({ rows: [["bought"]] });
  for (const { call } of [reader, owner]) {
    for (const [tool, given] of [
      ["list_sessions", {}],
      ["get_session", { session_id: THEIRS }],
      ["transcript", { session_id: THEIRS }],
      ["search_text", { phrase: "card" }],
    ] as const) {
      const answer = await call(tool, { project_id: OTHER.id, ...given });
      expect(answer).toMatchObject({ isError: true, text: expect.stringContaining("not_found") });
    }
    expect((await call("get_session", { project_id: 1, session_id: THEIRS })).isError).toBe(true);
  }
});

test.each([
  ["nobody", {}, 401],
  ["a write key", { authorization: "Bearer dev_write_123" }, 403],
  ["a key of nobody", { authorization: "Bearer no_such_key" }, 401],
])("%s is not let in", async (_who, headers, status) => {
  const answer = await api.request("/mcp", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(headers as Record<string, string>),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
  });
  expect(answer.status).toBe(status);
});

test("tells an agent what is wrong with its arguments, and refuses what is no message", async () => {
  const { call } = await agent(api.reader);
  expect((await call("get_session", { project_id: 1, session_id: "../2/sessions" })).isError).toBe(true);
  expect((await call("list_sessions", { project_id: "1/../2" })).isError).toBe(true);
  expect((await call("list_sessions", { project_id: 1, from: "yesterday" })).text).toContain("query_malformed");
  for (const body of ["", "{", '{"jsonrpc":"1.0"}']) {
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...api.reader,
    };
    const { status } = await api.request("/mcp", { method: "POST", headers, body });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  }
  expect((await api.get("/mcp", api.reader)).status).toBe(405);
});

test("takes a few messages at once, and refuses more as a whole", async () => {
  const send = (calls: number) =>
    api.request("/mcp", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...api.reader,
      },
      body: JSON.stringify(
        Array.from({ length: calls }, (_, id) => ({
          jsonrpc: "2.0",
          id,
          method: "tools/call",
          params: { name: "timeline", arguments: { project_id: 1, session_id: MINE } },
        })),
      ),
    });
  const few = (await (await send(4)).json()) as { id: number; result: object }[];
  expect(few.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3]);
  const refused = await send(5);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual({
    jsonrpc: "2.0",
    error: { code: -32600, message: expect.stringContaining("at most 4") },
    id: null,
  });
});
