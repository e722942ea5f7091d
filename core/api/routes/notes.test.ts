import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Note } from "../queries/notes.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { joined, type TestPerson } from "../testing/people.ts";
import { load, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;

let api: TestApi;
let admin: TestPerson;
let ada: TestPerson;
let grace: TestPerson;
let viewer: TestPerson;
beforeAll(async () => {
  api = await startTestApi();
  admin = await joined(api, "admin");
  ada = await joined(api, "member");
  grace = await joined(api, "member");
  viewer = await joined(api, "viewer");
});
afterAll(() => api.drop());

async function recorded(projectId = 1): Promise<string> {
  const sessionId = randomUUID();
  const payloads = recordedPage(T0);
  await load(api, { projectId, sessionId, windowId: "w", seq: 0, payloads, receivedAt: T0 });
  return sessionId;
}

const ask = (person: TestPerson, method: string, path: string, body?: object) =>
  api.request(`/v1/projects/1${path}`, {
    method,
    headers: person.headers,
    ...(body && { body: JSON.stringify(body) }),
  });

async function written(person: TestPerson, session: string, at_ms: number, text = "Here"): Promise<Note> {
  const answer = await ask(person, "POST", `/sessions/${session}/notes`, { at_ms, text });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Note;
}

interface Page {
  notes: Note[];
  next_cursor: string | null;
}
const read = async (path: string, headers = api.reader) =>
  (await api.get(`/v1/projects/1${path}`, headers)).json() as Promise<Page>;

test("a note at a moment, by whom, read by everybody who reads the session", async () => {
  const session = await recorded();
  const note = await written(ada, session, 1_500, "  Why does nothing happen?\n😮 ");
  expect(note).toEqual({
    note_id: expect.any(String),
    session_id: session,
    at_ms: 1_500,
    text: "Why does nothing happen?\n😮",
    author: { id: ada.id, name: ada.name },
    created_at: expect.stringMatching(/Z$/),
    edited_at: null,
  });
  for (const headers of [api.reader, viewer.headers]) {
    expect(await read(`/sessions/${session}/notes`, headers)).toEqual({ notes: [note], next_cursor: null });
  }
});

test("in the order of the session, and of the project the newest first, in pages that are the whole", async () => {
  const [one, two] = [await recorded(), await recorded()];
  const made: Note[] = [];
  for (const [session, at] of [
    [one, 9_000],
    [two, 0],
    [one, 10],
    [one, 10],
  ] as const) {
    made.push(await written(ada, session, at));
  }
  const pages = async (path: string) => {
    const found: Note[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = await read(`${path}?limit=2${cursor && `&cursor=${cursor}`}`);
      found.push(...page.notes);
      cursor = page.next_cursor;
    }
    return found;
  };
  expect((await pages(`/sessions/${one}/notes`)).map(({ at_ms }) => at_ms)).toEqual([10, 10, 9_000]);
  expect((await pages("/notes")).slice(0, 4)).toEqual(made.toReversed());
});

describe("changing one", () => {
  test("is its author's, and an owner's or an admin's", async () => {
    const note = await written(ada, await recorded(), 5);
    const path = `/notes/${note.note_id}`;
    const edited = await ask(ada, "PATCH", path, { text: "There" });
    expect(await edited.json()).toMatchObject({ text: "There", at_ms: 5, edited_at: expect.any(String) });
    expect((await ask(grace, "PATCH", path, { text: "No" })).status).toBe(403);
    expect((await ask(grace, "DELETE", path)).status).toBe(403);
    expect((await ask(viewer, "DELETE", path)).status).toBe(403);
    expect(await (await ask(admin, "PATCH", path, { at_ms: 7 })).json()).toMatchObject({ text: "There", at_ms: 7 });
    expect((await ask(admin, "DELETE", path)).status).toBe(204);
    expect((await ask(ada, "DELETE", path)).status).toBe(404);
  });

  test("is no longer its author's once they may only look on", async () => {
    const left = await joined(api, "member");
    const note = await written(left, await recorded(), 5);
    await api.sql`UPDATE memberships SET role = 'viewer' WHERE user_id = ${left.id}`;
    expect((await ask(left, "PATCH", `/notes/${note.note_id}`, { text: "x" })).status).toBe(403);
  });

  test("survives its author, without them", async () => {
    const gone = await joined(api, "member");
    const session = await recorded();
    await written(gone, session, 5);
    await api.sql`DELETE FROM users WHERE id = ${gone.id}`;
    expect(await read(`/sessions/${session}/notes`)).toMatchObject({ notes: [{ author: null }] });
  });
});

test("another project's are not there", async () => {
  const session = await recorded(OTHER.id);
  const theirs = await joined(api, "owner", OTHER.id);
  const answer = await api.request(`/v1/projects/${OTHER.id}/sessions/${session}/notes`, {
    method: "POST",
    headers: theirs.headers,
    body: JSON.stringify({ at_ms: 0, text: "Secret of theirs" }),
  });
  const { note_id } = (await answer.json()) as Note;
  expect((await ask(admin, "POST", `/sessions/${session}/notes`, { at_ms: 0, text: "x" })).status).toBe(404);
  expect((await ask(admin, "PATCH", `/notes/${note_id}`, { text: "x" })).status).toBe(404);
  expect((await ask(admin, "DELETE", `/notes/${note_id}`)).status).toBe(404);
  expect(JSON.stringify(await read("/notes"))).not.toContain("Secret");
});

test("go with their session: at once from reads, and from the table with its row", async () => {
  const session = await recorded();
  const note = await written(ada, session, 5, "Of a session that is deleted");
  expect((await ask(admin, "DELETE", `/sessions/${session}`)).status).toBe(202);
  expect((await api.get(`/v1/projects/1/sessions/${session}/notes`, api.reader)).status).toBe(404);
  expect(JSON.stringify(await read("/notes"))).not.toContain(note.note_id);
  expect((await ask(ada, "PATCH", `/notes/${note.note_id}`, { text: "x" })).status).toBe(404);
  await api.sql`DELETE FROM sessions_meta WHERE session_id = ${session}`;
  expect(await api.sql`SELECT FROM notes WHERE id = ${note.note_id}`).toHaveLength(0);
});

test.each([
  [{ text: "x" }, "at_ms"],
  [{ at_ms: -1, text: "x" }, "at_ms"],
  [{ at_ms: 1.5, text: "x" }, "at_ms"],
  [{ at_ms: 1e12, text: "x" }, "at_ms"],
  [{ at_ms: "1", text: "x" }, "at_ms"],
  [{ at_ms: 0, text: " " }, "text"],
  [{ at_ms: 0, text: "x".repeat(4_001) }, "text"],
  [{ at_ms: 0, text: "\0" }, "text"],
  [{ at_ms: 0, text: "x", author: "me" }, ""],
])("a malformed body is a 400 that names the field: case %#", async (body, path) => {
  const answer = await ask(ada, "POST", `/sessions/${await recorded()}/notes`, body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "body_malformed", issues: [{ path }] });
});

test("a change of nothing, and a cursor of another route, are refused", async () => {
  const note = await written(ada, await recorded(), 5);
  expect((await ask(ada, "PATCH", `/notes/${note.note_id}`, {})).status).toBe(400);
  expect((await api.get("/v1/projects/1/notes?cursor=WzEsMl0", api.reader)).status).toBe(400);
});
