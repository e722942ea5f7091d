import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { joined, type TestPerson } from "../testing/people.ts";
import { load, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;

let api: TestApi;
let ada: TestPerson;
let viewer: TestPerson;
beforeAll(async () => {
  api = await startTestApi();
  ada = await joined(api, "member");
  viewer = await joined(api, "viewer");
});
afterAll(() => api.drop());

async function recorded(): Promise<string> {
  const sessionId = randomUUID();
  const payloads = recordedPage(T0);
  await load(api, { projectId: 1, sessionId, windowId: "w", seq: 0, payloads, receivedAt: T0 });
  return sessionId;
}

const mark = (person: TestPerson, session: string, body: object) =>
  api.request(`/v1/projects/1/sessions/${session}/watched`, {
    method: "POST",
    headers: person.headers,
    body: JSON.stringify(body),
  });

async function list(query: string, headers: Record<string, string>) {
  const answer = await api.get(`/v1/projects/1/sessions${query}`, headers);
  expect(answer.status, query).toBe(200);
  const { sessions } = (await answer.json()) as { sessions: { session_id: string; watched_by_me: boolean }[] };
  return Object.fromEntries(sessions.map(({ session_id, watched_by_me }) => [session_id, watched_by_me]));
}

test("each person marks for themselves, viewers too, and keeps how far they have been", async () => {
  const session = await recorded();
  expect((await mark(ada, session, { at_ms: 9_000 })).status).toBe(200);
  expect((await mark(ada, session, { at_ms: 100 })).status).toBe(200);
  const answer = await mark(viewer, session, { at_ms: 0 });
  const watched = [
    { person: { id: viewer.id, name: viewer.name }, furthest_ms: 0 },
    { person: { id: ada.id, name: ada.name }, furthest_ms: 9_000 },
  ];
  expect(await answer.json()).toMatchObject({ watched });
  const path = `/v1/projects/1/sessions/${session}/watched`;
  expect(await (await api.get(path, api.reader)).json()).toMatchObject({ watched });
  expect((await api.request(path, { method: "DELETE", headers: viewer.headers })).status).toBe(204);
  expect(await (await api.get(path, api.reader)).json()).toMatchObject({ watched: watched.slice(1) });
});

test("lists show what I have watched, and find what I, nobody or anyone has", async () => {
  await api.sql`DELETE FROM sessions_meta`;
  const [mine, theirs, fresh] = [await recorded(), await recorded(), await recorded()];
  await mark(ada, mine, { at_ms: 0 });
  await mark(viewer, theirs, { at_ms: 0 });
  expect(await list("", ada.headers)).toEqual({ [mine]: true, [theirs]: false, [fresh]: false });
  expect(await list("", api.reader)).toEqual({ [mine]: false, [theirs]: false, [fresh]: false });
  expect(await list("?watched=me", ada.headers)).toEqual({ [mine]: true });
  expect(await list("?watched=me", viewer.headers)).toEqual({ [theirs]: true });
  expect(Object.keys(await list("?watched=anyone", api.reader)).toSorted()).toEqual([mine, theirs].toSorted());
  expect(await list("?watched=nobody", ada.headers)).toEqual({ [fresh]: false });
});

test("a key has watched nothing, and marks nothing", async () => {
  const session = await recorded();
  const answer = await api.get("/v1/projects/1/sessions?watched=me", api.reader);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path: "watched" }] });
  const marked = await api.request(`/v1/projects/1/sessions/${session}/watched`, {
    method: "POST",
    headers: { ...api.reader, "content-type": "application/json" },
    body: '{"at_ms":0}',
  });
  expect(marked.status).toBe(403);
});

test.each([{}, { at_ms: -1 }, { at_ms: 1e300 }, { at_ms: 0, user_id: "x" }, []])("%j is refused", async (body) => {
  expect((await mark(ada, await recorded(), body)).status).toBe(400);
});

test("the mark goes with the session's row", async () => {
  const session = await recorded();
  await mark(ada, session, { at_ms: 0 });
  await api.sql`DELETE FROM sessions_meta WHERE session_id = ${session}`;
  expect(await api.sql`SELECT FROM watched WHERE session_id = ${session}`).toHaveLength(0);
  expect((await mark(ada, session, { at_ms: 0 })).status).toBe(404);
});
