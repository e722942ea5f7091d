import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { load, loadCustom, recordedPage } from "../testing/recording.ts";

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

interface Listed {
  sessions: Row[];
  next_cursor: string | null;
  hidden?: { bots: number; internal: number };
}

async function list(query = "", project = 1): Promise<Listed> {
  const headers = project === 1 ? api.reader : { authorization: "Bearer other_read_456" };
  const answer = await api.get(`/v1/projects/${project}/sessions${query}`, headers);
  expect(answer.status, query).toBe(200);
  return (await answer.json()) as Listed;
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
      click_count: 0,
      error_count: 0,
      console_error_count: 0,
      request_failed_count: 0,
      rage_click_count: 0,
      dead_click_count: 0,
      active_ms: 0,
      user_id: "u1",
      user_email: "ada@example.com",
      first_url: "https://shop.example/",
      paths: ["/", "/cart"],
      browser: "Firefox",
      os: "macOS",
      device: "desktop",
      country: "DE",
      ua: "Mozilla/5.0",
      release: null,
      environment: null,
      bot: null,
      is_internal: false,
      activity: [1, 0, 9],
      complete: false,
      incomplete_why: "open",
      watched_by_me: false,
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

test("the sessions before and after one, in whatever order, and among those that the filters leave", async () => {
  const lasting = (minutes: number, facts = {}) =>
    listed(1, { started_at: new Date(NOON), ended_at: new Date(NOON + minutes * MINUTE_MS), ...facts });
  const short = await lasting(1, { country: "DE" });
  const longer = await lasting(2, { country: "AT" });
  const longest = await lasting(3, { country: "DE" });
  const neighbours = async (session: string, query: string, headers = api.reader) =>
    api.get(`/v1/projects/1/sessions/${session}/neighbours?${query}`, headers);
  const told = async (session: string, query: string) => (await neighbours(session, query)).json();
  expect(await told(longer, "sort=longest")).toEqual({ previous: longest, next: short });
  expect(await told(longest, "sort=longest")).toEqual({ previous: null, next: longer });
  expect(await told(longest, "sort=longest&country=DE")).toEqual({ previous: null, next: short });
  expect(await told(longer, "sort=longest&country=DE")).toEqual({ previous: longest, next: short });
  expect(await told(longer, "sort=longest&event=bought")).toEqual({ previous: null, next: null });

  const inOrder = ids(await list());
  const around = await Promise.all(inOrder.map((session) => told(session, "")));
  expect(around).toEqual(inOrder.map((_, i) => ({ previous: inOrder[i - 1] ?? null, next: inOrder[i + 1] ?? null })));
  expect((await neighbours(randomUUID(), "")).status).toBe(404);
  expect(await (await neighbours(short, "sort=oldest")).json()).toMatchObject({ issues: [{ path: "sort" }] });
  await api.sql`DELETE FROM sessions_meta`;
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
    console_error_count: 1,
    release: "2.1 beta",
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
    request_failed_count: 3,
    rage_click_count: 1,
    dead_click_count: 2,
    active_ms: 60_000,
    complete: false,
    incomplete_why: "missing",
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
    "?has_console_errors=true": [ada],
    "?has_failed_requests=true": [bob],
    "?has_failed_requests=false": [ada],
    "?has_rage_clicks=true": [bob],
    "?has_dead_clicks=false": [ada],
    "?min_active_ms=60000": [bob],
    "?release=2.1+beta": [ada],
    "?complete=true": [ada],
    "?complete=false": [bob],
    "?incomplete_why=missing": [bob],
    "?incomplete_why=no_end": [],
    "?live=true": [bob],
    "?live=false": [ada],
    "?path=/Checkout/pay": [ada],
    "?path=/checkout/pay": [],
    "?sort=longest": [bob, ada],
    "?sort=most_active": [bob, ada],
    "?sort=most_errors": [ada, bob],
    "?from=2026-11-20T12:00:00Z": [ada],
    "?to=2026-11-20T13:00:00%2B01:00": [bob],
    "?from=2026-11-20&to=2026-11-21": [ada, bob],
    "?has_errors=true&country=US": [],
    "?user=u_&browser=firefox&min_duration_ms=1000": [ada],
  };
  for (const [query, expected] of Object.entries(cases)) expect(ids(await list(query)), query).toEqual(expected);
  await api.sql`DELETE FROM sessions_meta WHERE project_id = 1`;
});

test("by what happened in them, whoever told it", async () => {
  const track = (name: string) =>
    JSON.stringify({ type: 5, timestamp: NOON, data: { tag: "rrhog.track", payload: { name } } });
  const recorded = async (projectId: number, ...payloads: string[]) => {
    const session = { projectId, sessionId: randomUUID(), windowId: "w", receivedAt: NOON };
    await load(api, { ...session, seq: 0, payloads: [...recordedPage(NOON), ...payloads] });
    return session;
  };
  const bought = await recorded(1, track("bought"));
  const angry = await recorded(1, track("bought"));
  await recorded(2, track("bought"));
  await loadCustom(api, { ...angry, events: [{ name: "complained", ts: NOON + MINUTE_MS }] });
  const cases: Record<string, string[]> = {
    "?event=bought": [bought.sessionId, angry.sessionId].toSorted().toReversed(),
    "?event=complained": [angry.sessionId],
    "?event=%24pageview&to=2026-11-20": [],
    "?event=Bought": [],
  };
  for (const [query, expected] of Object.entries(cases)) expect(ids(await list(query)), query).toEqual(expected);
  await api.sql`DELETE FROM sessions_meta`;
});

describe("sessions that are no visitor's", () => {
  beforeAll(async () => {
    await api.sql`DELETE FROM sessions_meta`;
    for (const project of [1, 2]) {
      await listed(project, { user_id: "crawler", bot: "crawler" });
      await listed(project, { user_id: "maker", is_internal: true });
      await listed(project, { user_id: "test", is_internal: true, bot: "headless" });
    }
  });
  const who = async (query = "", project = 2) =>
    (await list(query, project)).sessions.map(({ user_id }) => user_id).toSorted();

  test("are the makers' own, for as long as nobody else has come", async () => {
    expect(await who()).toEqual(["maker", "test"]);
    expect((await list("", 2)).hidden).toEqual({ bots: 1, internal: 0 });
  });

  test("are left out from then on, counted, and there for who asks", async () => {
    await listed(2, { user_id: "visitor" });
    await listed(2, { user_id: "program", bot: "program" });
    expect(await who()).toEqual(["program", "visitor"]);
    expect((await list("", 2)).hidden).toEqual({ bots: 1, internal: 2 });
    expect((await list("?user=maker", 2)).hidden).toEqual({ bots: 0, internal: 1 });
    expect(await who("?internal=include")).toEqual(["maker", "program", "test", "visitor"]);
    expect(await who("?internal=only")).toEqual(["maker", "test"]);
    expect(await who("?bots=include")).toEqual(["crawler", "program", "visitor"]);
    expect(await who("?bots=only")).toEqual(["crawler"]);
    expect(await who("?bots=include&internal=include")).toHaveLength(5);
  });

  test("are listed in the demo project, which is tried out on one's own machine", async () => {
    await listed(1, { user_id: "visitor" });
    expect(await who("", 1)).toEqual(["maker", "test", "visitor"]);
    expect(await who("?internal=hide", 1)).toEqual(["visitor"]);
  });
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
  ["has_rage_clicks=maybe", "has_rage_clicks"],
  ["bots=yes", "bots"],
  ["watched=you", "watched"],
  ["collection=mine", "collection"],
  ["event=", "event"],
  ["release=%00", "release"],
  ["min_duration_ms=99999999999999999", "min_duration_ms"],
  ["user=%00", "user"],
  ["user=%20", "user"],
  ["path=%00", "path"],
  ["sort=oldest", "sort"],
  ["live=now", "live"],
  ["incomplete_why=because", "incomplete_why"],
  ["request_status=600", "request_status"],
  ["request_status=4x", "request_status"],
  ["property=total:gt:1", "property"],
  ["event=a&property=total", "property.0"],
  ["event=a&property=total:gt:many", "property.0"],
  ["event=a&property=a:eq:1&property=b:is:1", "property.1"],
  ["event=a&property=:%60Int64%60:eq:1", "property.0"],
  ["trait=a:eq:1&trait=a:eq:1&trait=a:eq:1&trait=a:eq:1&trait=a:eq:1&trait=a:eq:1", "trait"],
  ["country=DE&country=AT", "country"],
  [
    `sort=longest&cursor=${Buffer.from('["2026-11-20T12:00:00.000000Z","0b0e7a2e-0000-4000-8000-000000000001"]').toString("base64url")}`,
    "cursor",
  ],
  [`cursor=${Buffer.from('["longest",1,"0b0e7a2e-0000-4000-8000-000000000001"]').toString("base64url")}`, "cursor"],
  [
    `sort=longest&cursor=${Buffer.from('["longest",-1,"0b0e7a2e-0000-4000-8000-000000000001"]').toString("base64url")}`,
    "cursor",
  ],
  ["cursor=WyIyMDI2LTExLTIwIiwieCJd", "cursor"],
])("%s is a 400 that names the field", async (query, path) => {
  const answer = await api.get(`/v1/projects/1/sessions?${query}`, api.reader);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path }] });
});
