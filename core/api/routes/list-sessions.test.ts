import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE_MS = 60_000;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

interface Row {
  session_id: string;
  [column: string]: unknown;
}

/** A session's row as the worker leaves it. */
async function listed(project_id: number, facts: Record<string, unknown> = {}): Promise<string> {
  const session_id = randomUUID();
  const row = {
    project_id,
    session_id,
    first_received_at: new Date(),
    last_received_at: new Date(),
    batch_count: 1,
    event_count: 10,
    window_count: 1,
    started_at: new Date(NOON),
    ended_at: new Date(NOON + MINUTE_MS),
    ...facts,
  };
  await api.sql`INSERT INTO sessions_meta ${api.sql(row)}`;
  return session_id;
}

async function list(query = "", project = 1): Promise<{ sessions: Row[]; next_cursor: string | null }> {
  const headers = project === 1 ? api.reader : { authorization: "Bearer other_read_456" };
  const answer = await api.get(`/v1/projects/${project}/sessions${query}`, headers);
  expect(answer.status, query).toBe(200);
  return (await answer.json()) as { sessions: Row[]; next_cursor: string | null };
}

const ids = ({ sessions }: { sessions: Row[] }) => sessions.map(({ session_id }) => session_id);

test("a session as lists show it", async () => {
  const session_id = await listed(1, {
    user_id: "u1",
    user_email: "ada@example.com",
    first_url: "https://shop.example/",
    paths: ["/", "/cart"],
    browser: "Firefox",
    os: "macOS",
    device: "desktop",
    country: "DE",
    ua: "Mozilla/5.0",
    pageview_count: 2,
    activity: [1, 0, 9],
    complete: false,
    incomplete_why: "open",
  });
  expect((await list()).sessions).toEqual([
    {
      session_id,
      started_at: "2026-11-20T12:00:00.000Z",
      ended_at: "2026-11-20T12:01:00.000Z",
      duration_ms: 60_000,
      event_count: 10,
      batch_count: 1,
      window_count: 1,
      pageview_count: 2,
      error_count: 0,
      user_id: "u1",
      user_email: "ada@example.com",
      first_url: "https://shop.example/",
      paths: ["/", "/cart"],
      browser: "Firefox",
      os: "macOS",
      device: "desktop",
      country: "DE",
      ua: "Mozilla/5.0",
      activity: [1, 0, 9],
      complete: false,
      incomplete_why: "open",
    },
  ]);
  await api.sql`UPDATE sessions_meta SET last_received_at = now() - interval '31 minutes'`;
  expect((await list()).sessions).toMatchObject([{ complete: false, incomplete_why: "no_end" }]);
  await api.sql`DELETE FROM sessions_meta`;
});

test("newest first, in pages that together are the whole, also where many start at one moment", async () => {
  const expected: [number, string][] = [];
  for (let i = 0; i < 23; i++) {
    const started = NOON + Math.floor(i / 5) * MINUTE_MS;
    expected.push([started, await listed(2, { started_at: new Date(started), ended_at: new Date(started) })]);
  }
  expected.sort((a, b) => b[0] - a[0] || (a[1] < b[1] ? 1 : -1));
  for (const limit of [1, 4, 23, 500]) {
    const found: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = await list(`?limit=${limit}${cursor && `&cursor=${cursor}`}`, 2);
      found.push(...ids(page));
      cursor = page.next_cursor;
    }
    expect(found).toEqual(expected.map(([, id]) => id));
  }
  expect(ids(await list("", 2))).toHaveLength(23);
  expect(ids(await list())).toEqual([]);
});

test("only what is loaded, and has not expired", async () => {
  const there = await listed(1);
  await listed(1, { batch_count: 0, started_at: null, ended_at: null });
  await listed(1, { first_received_at: new Date(Date.now() - 91 * 86_400_000) });
  expect(ids(await list())).toEqual([there]);
  await api.sql`DELETE FROM sessions_meta WHERE project_id = 1`;
});

test("filters, alone and together", async () => {
  const ada = await listed(1, {
    user_id: "u_1%",
    user_email: "Ada@Example.com",
    country: "DE",
    browser: "Firefox",
    os: "Linux",
    device: "desktop",
    first_url: "https://shop.example/?q=a_b",
    paths: ["/", "/Checkout/pay"],
    error_count: 2,
    complete: true,
  });
  const bob = await listed(1, {
    user_id: "u_2",
    country: "US",
    browser: "Safari",
    device: "mobile",
    paths: ["/pricing"],
    started_at: new Date(NOON - 10 * MINUTE_MS),
    ended_at: new Date(NOON),
    complete: false,
  });
  const cases: Record<string, string[]> = {
    "?user=ada@": [ada],
    "?user=U_": [ada, bob],
    "?user=%25": [ada],
    "?url=/checkout": [ada],
    "?url=a_b": [ada],
    "?url=axb": [],
    "?country=de": [ada],
    "?browser=safari": [bob],
    "?os=linux": [ada],
    "?device=mobile": [bob],
    "?min_duration_ms=60001": [bob],
    "?max_duration_ms=60000": [ada],
    "?has_errors=true": [ada],
    "?has_errors=false": [bob],
    "?complete=true": [ada],
    "?complete=false": [bob],
    "?from=2026-11-20T12:00:00Z": [ada],
    "?to=2026-11-20T13:00:00%2B01:00": [bob],
    "?from=2026-11-20&to=2026-11-21": [ada, bob],
    "?has_errors=true&country=US": [],
    "?user=u_&browser=firefox&min_duration_ms=1000": [ada],
  };
  for (const [query, expected] of Object.entries(cases)) expect(ids(await list(query)), query).toEqual(expected);
});

test.each([
  ["limit=0", "limit"],
  ["limit=501", "limit"],
  ["limit=-1", "limit"],
  ["limit=1e2", "limit"],
  ["from=yesterday", "from"],
  ["to=0001-01-01", "to"],
  ["country=Germany", "country"],
  ["has_errors=yes", "has_errors"],
  ["min_duration_ms=99999999999999999", "min_duration_ms"],
  ["user=%00", "user"],
  ["user=%20", "user"],
  ["cursor=WyIyMDI2LTExLTIwIiwieCJd", "cursor"],
])("%s is a 400 that names the field", async (query, path) => {
  const answer = await api.get(`/v1/projects/1/sessions?${query}`, api.reader);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path }] });
});
