import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "../queries/people.ts";
import type { PersonEvent } from "../queries/person-events.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { type BatchFixture, load, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;
const MINUTE_MS = 60_000;

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());

/** A batch of a session; times are minutes after the first. */
async function recorded(
  userId: string | null,
  {
    at = 0,
    projectId = 1,
    sessionId = randomUUID(),
    seq = 0,
    version = 1,
    row = {},
  }: Partial<BatchFixture> & { at?: number } = {},
): Promise<string> {
  const startedAt = T0 + at * MINUTE_MS;
  const payloads = recordedPage(startedAt);
  await load(api, {
    projectId,
    sessionId,
    windowId: "w",
    seq,
    version,
    payloads,
    receivedAt: startedAt,
    row: { user_id: userId, ...row },
  });
  return sessionId;
}

const read = async (path: string) => {
  const answer = await api.get(`/v1/projects/1/users${path}`, api.reader);
  expect(answer.status, path).toBe(200);
  return answer.json() as Promise<unknown>;
};
async function people(query = ""): Promise<Person[]> {
  return ((await read(query)) as { people: Person[] }).people;
}
const names = async (query = "") => (await people(query)).map(({ user_id }) => user_id);

describe("the list", () => {
  beforeEach(() => api.sql`DELETE FROM sessions_meta`);

  test("has each person once, the latest seen first, with what their sessions tell", async () => {
    await recorded("ada", { at: 0, row: { user_email: "ada@example.com" } });
    await recorded("bob", { at: 5 });
    await recorded("ada", { at: 10, row: { country: "FR" } });
    await recorded(null, { at: 20 });
    await recorded("theirs", { projectId: OTHER.id });
    expect(await people()).toEqual([
      {
        user_id: "ada",
        email: "ada@example.com",
        session_count: 2,
        first_seen: new Date(T0).toISOString(),
        last_seen: new Date(T0 + 10 * MINUTE_MS + 300).toISOString(),
        country: "FR",
        browser: "Firefox",
        os: "Linux",
        device: "desktop",
      },
      expect.objectContaining({ user_id: "bob", email: null, session_count: 1, country: "DE" }),
    ]);
  });

  test("knows everybody who used a session", async () => {
    const sessionId = await recorded("ada", { at: 0, row: { user_email: "ada@example.com" } });
    await recorded("bob", { at: 1, sessionId, seq: 1 });
    expect(await people()).toMatchObject([
      { user_id: "bob", email: null, session_count: 1 },
      { user_id: "ada", email: "ada@example.com", session_count: 1 },
    ]);
  });

  test("comes in pages that together are the whole", async () => {
    const expected: string[] = [];
    for (let n = 0; n < 5; n++) {
      await recorded(`u${n}`, { at: n });
      expected.unshift(`u${n}`);
    }
    await recorded("u1", { at: 0 });
    for (const limit of [1, 2, 5]) {
      const found: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page = (await read(`?limit=${limit}${cursor && `&cursor=${cursor}`}`)) as {
          people: Person[];
          next_cursor: string | null;
        };
        found.push(...page.people.map(({ user_id }) => user_id));
        cursor = page.next_cursor;
      }
      expect(found, `pages of ${limit}`).toEqual(expected);
    }
  });

  test("is searched by id, by any address and by trait", async () => {
    await recorded("u_1%", { at: 0, row: { user_email: "Ada@Example.com", user_traits: { plan: "free", seats: 5 } } });
    await recorded("u_1%", { at: 1, row: { user_traits: { plan: "pro", seats: 5, note: "a=b" } } });
    await recorded("ux2", { at: 2, row: { user_email: "bob@example.com", user_traits: { plan: "free" } } });
    const cases: Record<string, string[]> = {
      "?search=U_1": ["u_1%"],
      "?search=%25": ["u_1%"],
      "?search=ada@": ["u_1%"],
      "?search=example.com": ["ux2", "u_1%"],
      "?search=nobody": [],
      "?trait=plan%3Dpro": ["u_1%"],
      "?trait=plan%3Dfree": ["ux2"],
      "?trait=seats%3D5": ["u_1%"],
      "?trait=note%3Da%3Db": ["u_1%"],
      "?trait=plan%3D": [],
      "?trait=nothing%3D'": [],
      "?trait=plan%3Dpro&search=bob": [],
    };
    for (const [query, expected] of Object.entries(cases)) expect(await names(query), query).toEqual(expected);
  });

  test("lets go of whom only deleted and expired sessions show", async () => {
    const latest = await recorded("ada", { at: 10 });
    await recorded("ada", { at: 0 });
    const only = await recorded("bob", { at: 5 });
    await api.sql`INSERT INTO tombstones ${api.sql([latest, only].map((session_id) => ({ project_id: 1, session_id })))}`;
    expect(await people()).toMatchObject([
      { user_id: "ada", session_count: 1, first_seen: new Date(T0).toISOString() },
    ]);
    await api.sql`UPDATE sessions_meta SET first_received_at = now() - interval '91 days'`;
    expect(await people()).toEqual([]);
  });

  test.each([
    ["limit=201", "limit"],
    ["search=%00", "search"],
    ["search=", "search"],
    ["trait=plan", "trait"],
    ["trait=%3Dpro", "trait"],
    ["trait=plan%3D%00", "trait"],
    ["cursor=WyJ4Il0", "cursor"],
  ])("%s is a 400 that names the field", async (query, path) => {
    const answer = await api.get(`/v1/projects/1/users?${query}`, api.reader);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path }] });
  });
});

describe("a person", () => {
  test("has what the site told last, and what they came with", async () => {
    const iPhone =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1";
    await recorded("grace", { at: 0, row: { user_traits: { plan: "free" } } });
    await recorded("grace", { at: 1, row: { user_traits: { plan: "pro", since: 1906 }, user_email: "g@example.com" } });
    await recorded("grace", { at: 2, row: { user_agent: iPhone, country: "US" } });
    expect(await read("/grace")).toMatchObject({
      user_id: "grace",
      email: "g@example.com",
      session_count: 3,
      device: "mobile",
      traits: { plan: "pro", since: 1906 },
      devices: [
        { browser: "Safari", os: "iOS", device: "mobile", country: "US", session_count: 1 },
        { browser: "Firefox", os: "Linux", device: "desktop", country: "DE", session_count: 2 },
      ],
    });
  });

  test("has their sessions, those too that somebody else used, in pages", async () => {
    const own = await recorded("hedy", { at: 0 });
    const shared = await recorded("hedy", { at: 10 });
    await recorded("eve", { at: 11, sessionId: shared, seq: 1 });
    await recorded("eve", { at: 12 });
    const ids = (page: unknown) => (page as { sessions: { session_id: string }[] }).sessions.map((s) => s.session_id);
    expect(ids(await read("/hedy/sessions"))).toEqual([shared, own]);
    const first = (await read("/hedy/sessions?limit=1")) as { next_cursor: string };
    expect(ids(first)).toEqual([shared]);
    expect(ids(await read(`/hedy/sessions?limit=1&cursor=${first.next_cursor}`))).toEqual([own]);
    const filtered = await api.get("/v1/projects/1/sessions?person=hedy&internal=include", api.reader);
    expect(ids(await filtered.json())).toEqual([shared, own]);
  });

  test("has what they did, each event once, and nothing that another did in the same session", async () => {
    const sessionId = await recorded("ivy", { at: 0 });
    await recorded("mallory", { at: 1, sessionId, seq: 1 });
    await recorded("ivy", { at: 2, sessionId, seq: 2 });
    // The same batch once more, under later redaction rules.
    await recorded("ivy", { at: 2, sessionId, seq: 2, version: 2 });
    const all = (await read("/ivy/events")) as { events: PersonEvent[]; next_cursor: string | null };
    expect(all.next_cursor).toBeNull();
    expect(all.events.map(({ name, at }) => [name, at])).toEqual([
      ["$pageview", new Date(T0 + 2 * MINUTE_MS).toISOString()],
      ["$pageview", new Date(T0).toISOString()],
    ]);
    expect(all.events[0]).toMatchObject({ session_id: sessionId, window_id: "w", url: "https://shop.example/" });
    const first = (await read("/ivy/events?limit=1")) as { events: PersonEvent[]; next_cursor: string };
    const second = await read(`/ivy/events?limit=1&cursor=${first.next_cursor}`);
    expect([...first.events, ...(second as typeof first).events]).toEqual(all.events);
    expect(await read("/ivy/events?event=%24pageview")).toEqual(all);
    expect(await read("/ivy/events?event=bought")).toEqual({ events: [], next_cursor: null });
    await api.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${sessionId})`;
    expect(await read("/ivy/events")).toEqual({ events: [], next_cursor: null });
  });

  test.each([
    "a/b",
    "ünï ☃ 😮",
    "100%",
    "?x=1&y#z",
    " blank ",
    "…/..",
    "'; DROP TABLE events --",
    'a\\b"c',
    "x".repeat(256),
  ])("is found by whatever id the site gave: case %#", async (id) => {
    const session = await recorded(id);
    const path = `/${encodeURIComponent(id)}`;
    expect(await read(path)).toMatchObject({ user_id: id, session_count: 1 });
    expect(await read(`${path}/sessions`)).toMatchObject({ sessions: [{ session_id: session }] });
    expect(await read(`${path}/events`)).toMatchObject({ events: [{ name: "$pageview" }] });
    expect(await read(`${path}/data`)).toMatchObject({ sessions: [{ session_id: session, other_users: [] }] });
  });

  test.each([".", "..", "", "%2F", "a%2fb/../c", "-", "data"])(
    "is found and deleted by the query, whatever id the site gave: %j",
    async (id) => {
      const session = await recorded(id);
      const ask = (below: string, method = "GET") =>
        // As anything that sends it makes an address of it first.
        api.request(
          new URL(`http://api.test/v1/projects/1/users/-${below}?${new URLSearchParams({ user_id: id })}`).href,
          {
            method,
            headers: owner,
          },
        );
      const told = async (below: string) => (await ask(below)).json();
      expect(await told("")).toMatchObject({ user_id: id, session_count: 1 });
      expect(await told("/sessions")).toMatchObject({ sessions: [{ session_id: session }] });
      expect(await told("/events")).toMatchObject({ events: [{ name: "$pageview" }] });
      const filtered = await api.get(
        `/v1/projects/1/sessions?${new URLSearchParams({ person: id })}&internal=include`,
        owner,
      );
      expect(await filtered.json()).toMatchObject({ sessions: [{ session_id: session }] });
      expect(await told("/data")).toMatchObject({ sessions: [{ session_id: session, other_users: [] }] });
      const exported = (await (await ask("/export")).text()).trim().split("\n");
      expect(exported.map((line) => JSON.parse(line)).at(-1)).toMatchObject({ type: "end", counts: { session: 1 } });
      expect(await (await ask("/data", "DELETE")).json()).toMatchObject({ kind: "user", user_id: id, sessions: 1 });
      expect((await ask("")).status).toBe(404);
    },
  );

  test("is one: a path and a query that name somebody each are a 400", async () => {
    const answer = await api.get("/v1/projects/1/users/ada?user_id=bob", api.reader);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path: "user_id" }] });
  });

  test("of another project, or whom nobody knows, is not there", async () => {
    await recorded("theirs", { projectId: OTHER.id });
    expect((await api.get("/v1/projects/1/users/theirs", api.reader)).status).toBe(404);
    expect(await read("/theirs/sessions")).toEqual({ sessions: [], next_cursor: null });
    expect(await read("/theirs/events")).toEqual({ events: [], next_cursor: null });
  });

  test.each(["%00", "x".repeat(257)])("with an id that no site can give is a 400: case %#", async (id) => {
    expect((await api.get(`/v1/projects/1/users/${id}`, api.reader)).status).toBe(400);
  });
});
