import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { joined, type TestPerson } from "../testing/people.ts";
import { load, loadCustom, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;

let api: TestApi;
let admin: TestPerson;
beforeAll(async () => {
  api = await startTestApi();
  admin = await joined(api, "admin");
});
afterAll(() => api.drop());

interface Line {
  type: string | number;
  [name: string]: unknown;
}

const ask = (userId: string, query = "", headers = admin.headers) =>
  api.get(`/v1/projects/1/users/${encodeURIComponent(userId)}/export${query}`, headers);

async function exported(userId: string, query = ""): Promise<Line[]> {
  const answer = await ask(userId, query);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("application/x-ndjson");
  const text = await answer.text();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

const recorded = async (
  userId: string | null,
  { sessionId = randomUUID(), seq = 0, projectId = 1, label = "", traits = {} } = {},
) => {
  const payloads = recordedPage(T0 + seq * 1_000, { label });
  const row = { user_id: userId, user_traits: traits };
  await load(api, { projectId, sessionId, windowId: "w", seq, payloads, receivedAt: T0 + seq, row });
  return { sessionId, payloads };
};

test("profile, sessions, notes, what was recorded as it was sent, what they did, and counts at the end", async () => {
  const anonymous = await recorded(null, { label: "before sign-in" });
  const known = await recorded("ada", { sessionId: anonymous.sessionId, seq: 1, traits: { plan: "pro" } });
  await api.request(`/v1/projects/1/sessions/${known.sessionId}/notes`, {
    method: "POST",
    headers: admin.headers,
    body: JSON.stringify({ at_ms: 5, text: "Looked for the price" }),
  });
  const lines = await exported("ada");
  const sent = [...anonymous.payloads, ...known.payloads].map((text) => JSON.parse(text));
  expect(lines.map(({ type }) => (typeof type === "number" ? "rrweb" : type))).toEqual([
    "person",
    "session",
    "note",
    "recording",
    ...sent.map(() => "rrweb"),
    "event",
    "end",
  ]);
  expect(lines[0]).toMatchObject({ user_id: "ada", session_count: 1, traits: { plan: "pro" } });
  expect(lines[1]).toMatchObject({ session_id: known.sessionId });
  expect(lines[2]).toMatchObject({ text: "Looked for the price" });
  expect(lines[3]).toEqual({
    type: "recording",
    session_id: known.sessionId,
    window_id: "w",
    event_count: sent.length,
  });
  expect(lines.slice(4, 4 + sent.length)).toEqual(sent);
  expect(lines.at(-2)).toMatchObject({ name: "$pageview" });
  expect(lines.at(-1)).toEqual({ type: "end", counts: { person: 1, session: 1, note: 1, recording: 1, event: 1 } });

  const facts = await exported("ada", "?recordings=false");
  expect(facts.map(({ type }) => type)).toEqual(["person", "session", "note", "event", "end"]);
});

test("of a session that others used too, only what names the person", async () => {
  const { sessionId } = await recorded("grace", { label: "of grace" });
  await recorded("eve", { sessionId, seq: 1, label: "of eve" });
  await recorded(null, { sessionId, seq: 2, label: "of somebody" });
  await api.request(`/v1/projects/1/sessions/${sessionId}/notes`, {
    method: "POST",
    headers: { ...(await api.signIn()), "content-type": "application/json" },
    body: JSON.stringify({ at_ms: 0, text: "Eve is at her desk" }),
  });
  const lines = await exported("grace");
  const session = lines.find(({ type }) => type === "session");
  expect(Object.keys(session ?? {})).toEqual(["type", "session_id", "user_id", "user_email", "first_at", "last_at"]);
  expect(session).toMatchObject({ session_id: sessionId, user_id: "grace" });
  expect(lines.filter(({ type }) => type === "note")).toEqual([]);
  const text = JSON.stringify(lines);
  expect(text).toContain("of grace");
  expect(text).not.toContain("of eve");
  expect(text).not.toContain("of somebody");
});

test("more sessions and events than one page holds", async () => {
  for (let n = 0; n < 3; n++) await recorded("many", { label: `n${n}` });
  const row = { project_id: 1, first_received_at: new Date(T0), batch_count: 1 };
  const more = Array.from({ length: 250 }, () => ({
    ...row,
    session_id: randomUUID(),
    started_at: new Date(T0),
    ended_at: new Date(T0),
  }));
  await api.sql`INSERT INTO sessions_meta ${api.sql(more)}`;
  await api.sql`INSERT INTO session_people ${api.sql(
    more.map(({ session_id }) => ({
      project_id: 1,
      session_id,
      user_id: "many",
      first_at: new Date(T0),
      last_at: new Date(T0),
    })),
  )}`;
  const lines = await exported("many", "?recordings=false");
  const ids = lines.flatMap(({ type, session_id }) => (type === "session" ? [session_id] : []));
  expect(new Set(ids).size).toBe(253);
  expect(lines.at(-1)).toMatchObject({ counts: { session: 253, event: 3 } });
});

test("of whom only custom events tell", async () => {
  const sessionId = randomUUID();
  const events = [{ name: "bought", ts: T0, props: { total: 5 } }];
  await loadCustom(api, { projectId: 1, sessionId, windowId: "w", receivedAt: T0, events });
  await api.clickhouse.command({
    query: `ALTER TABLE events UPDATE user_id = 'server' WHERE session_id = '${sessionId}'`,
    clickhouse_settings: { mutations_sync: "2" },
  });
  expect(await exported("server")).toMatchObject([
    { type: "event", name: "bought", props: { total: 5 } },
    { type: "end", counts: { person: 0, event: 1 } },
  ]);
});

test("nothing of deleted sessions, and nothing of another project", async () => {
  const { sessionId } = await recorded("ivan");
  await recorded("ivan", { projectId: OTHER.id });
  await api.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${sessionId})`;
  expect((await ask("ivan")).status).toBe(404);
});

test("is for owners and admins", async () => {
  await recorded("private");
  for (const role of ["member", "viewer"] as const) {
    expect((await ask("private", "", (await joined(api, role)).headers)).status).toBe(403);
  }
  expect((await ask("private", "", api.reader)).status).toBe(403);
  expect((await ask("private", "", (await joined(api, "owner")).headers)).status).toBe(200);
  expect((await ask("private", "?recordings=maybe")).status).toBe(400);
});
