import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Collection } from "../queries/collections.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { joined, type TestPerson } from "../testing/people.ts";
import { load, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;

let api: TestApi;
let ada: TestPerson;
let viewer: TestPerson;
let stranger: TestPerson;
beforeAll(async () => {
  api = await startTestApi();
  ada = await joined(api, "member");
  viewer = await joined(api, "viewer");
  stranger = await joined(api, "owner", OTHER.id);
});
afterAll(() => api.drop());

async function recorded(projectId = 1): Promise<string> {
  const sessionId = randomUUID();
  const payloads = recordedPage(T0);
  await load(api, { projectId, sessionId, windowId: "w", seq: 0, payloads, receivedAt: T0 });
  return sessionId;
}

const ask = (person: TestPerson, method: string, path: string, body?: unknown, project = 1) =>
  api.request(`/v1/projects/${project}/collections${path}`, {
    method,
    headers: person.headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function made(name: string): Promise<Collection> {
  const answer = await ask(ada, "POST", "", { name });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Collection;
}

async function sessionsIn(collection: string, project = 1): Promise<string[]> {
  const headers = project === 1 ? api.reader : { authorization: `Bearer ${OTHER.readKey}` };
  const answer = await api.get(`/v1/projects/${project}/sessions?collection=${collection}`, headers);
  expect(answer.status).toBe(200);
  const { sessions } = (await answer.json()) as { sessions: { session_id: string }[] };
  return sessions.map(({ session_id }) => session_id).toSorted();
}

test("is made, renamed, filled, emptied and deleted by members, and read by all", async () => {
  const { collection_id } = await made("  Checkout trouble ");
  const [one, two] = [await recorded(), await recorded()];
  const unknown = randomUUID();
  const added = await ask(ada, "POST", `/${collection_id}/sessions`, { session_ids: [one, two, one, unknown] });
  expect(await added.json()).toMatchObject({ session_count: 2, not_found: [unknown] });
  expect(await (await ask(ada, "POST", `/${collection_id}/sessions`, { session_ids: [one] })).json()).toMatchObject({
    session_count: 2,
    not_found: [],
  });
  expect(await sessionsIn(collection_id)).toEqual([one, two].toSorted());

  const changed = await ask(ada, "PATCH", `/${collection_id}`, { description: "Before the fix" });
  const collection = {
    collection_id,
    name: "Checkout trouble",
    description: "Before the fix",
    session_count: 2,
    created_by: { id: ada.id, name: ada.name },
    created_at: expect.any(String),
  };
  expect(await changed.json()).toEqual(collection);
  for (const headers of [api.reader, viewer.headers]) {
    expect(await (await api.get(`/v1/projects/1/collections/${collection_id}`, headers)).json()).toEqual(collection);
    expect(await (await api.get("/v1/projects/1/collections", headers)).json()).toMatchObject({
      collections: [collection],
      next_cursor: null,
    });
  }

  const left = await ask(ada, "DELETE", `/${collection_id}/sessions`, { session_ids: [one] });
  expect(await left.json()).toMatchObject({ session_count: 1 });
  expect((await ask(ada, "DELETE", `/${collection_id}`)).status).toBe(204);
  expect((await ask(ada, "DELETE", `/${collection_id}`)).status).toBe(404);
  expect(await sessionsIn(collection_id)).toEqual([]);
  expect((await api.get(`/v1/projects/1/sessions/${two}`, api.reader)).status).toBe(200);
});

test("newest first, in pages that are the whole", async () => {
  await api.sql`DELETE FROM collections`;
  const ids: string[] = [];
  for (const name of ["a", "b", "c"]) ids.unshift((await made(name)).collection_id);
  const found: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const answer = await api.get(`/v1/projects/1/collections?limit=2${cursor && `&cursor=${cursor}`}`, api.reader);
    const page = (await answer.json()) as { collections: Collection[]; next_cursor: string | null };
    found.push(...page.collections.map(({ collection_id }) => collection_id));
    cursor = page.next_cursor;
  }
  expect(found).toEqual(ids);
});

describe("of another project", () => {
  test("neither its collections nor its sessions are there", async () => {
    const { collection_id } = await made("Mine");
    const [mine, theirs] = [await recorded(), await recorded(OTHER.id)];
    await ask(ada, "POST", `/${collection_id}/sessions`, { session_ids: [mine] });
    const added = await ask(ada, "POST", `/${collection_id}/sessions`, { session_ids: [theirs] });
    expect(await added.json()).toMatchObject({ session_count: 1, not_found: [theirs] });

    for (const [method, path, body] of [
      ["GET", `/${collection_id}`, undefined],
      ["PATCH", `/${collection_id}`, { name: "x" }],
      ["DELETE", `/${collection_id}`, undefined],
      ["POST", `/${collection_id}/sessions`, { session_ids: [theirs] }],
      ["DELETE", `/${collection_id}/sessions`, { session_ids: [theirs] }],
    ] as const) {
      expect((await ask(stranger, method, path, body, OTHER.id)).status, `${method} ${path}`).toBe(404);
    }
    expect(await sessionsIn(collection_id, OTHER.id)).toEqual([]);
    expect(await sessionsIn(collection_id)).toEqual([mine]);
  });
});

test("a session that is deleted leaves it: at once from its count, and with its row from the table", async () => {
  const { collection_id } = await made("Deleted from");
  const session = await recorded();
  await ask(ada, "POST", `/${collection_id}/sessions`, { session_ids: [session] });
  await api.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${session})`;
  expect(await (await ask(ada, "GET", `/${collection_id}`)).json()).toMatchObject({ session_count: 0 });
  await api.sql`DELETE FROM sessions_meta WHERE session_id = ${session}`;
  expect(await api.sql`SELECT FROM collection_sessions WHERE session_id = ${session}`).toHaveLength(0);
});

test("is not changed by viewers", async () => {
  const { collection_id } = await made("Looked at");
  expect((await ask(viewer, "POST", "", { name: "x" })).status).toBe(403);
  expect((await ask(viewer, "PATCH", `/${collection_id}`, { name: "x" })).status).toBe(403);
  expect((await ask(viewer, "DELETE", `/${collection_id}`)).status).toBe(403);
  expect((await ask(viewer, "POST", `/${collection_id}/sessions`, { session_ids: [] })).status).toBe(403);
});

test.each([
  ["", { name: "" }, "name"],
  ["", { name: "x".repeat(201) }, "name"],
  ["", { name: "x", description: "\0" }, "description"],
  [`/${randomUUID()}/sessions`, { session_ids: [] }, "session_ids"],
  [`/${randomUUID()}/sessions`, { session_ids: ["x"] }, "session_ids.0"],
  [`/${randomUUID()}/sessions`, { session_ids: Array.from({ length: 1_001 }, () => randomUUID()) }, "session_ids"],
])("POST …/collections%s with a malformed body names the field", async (path, body, field) => {
  const answer = await ask(ada, "POST", path, body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ issues: [{ path: field }] });
});
