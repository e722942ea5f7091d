import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { EventType, IncrementalSource } from "#protocol/event.ts";
import { deleteSessions } from "../queries/deletions.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { load } from "../testing/recording.ts";

const T0 = Date.now() - 3_600_000;
const SESSION = randomUUID();
const SPAN = { from_ms: 10_000, to_ms: 20_000 };

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
  await record(SESSION);
});
afterAll(() => api.drop());

const json = (type: number, at: number, data: object) => JSON.stringify({ type, timestamp: T0 + at, data });
const text = (id: number, textContent: string) => ({ type: 3, id, textContent });
const element = (id: number, tagName: string, childNodes: object[]) => ({
  type: 2,
  id,
  tagName,
  attributes: {},
  childNodes,
});
const change = (at: number, id: number, value: string) =>
  json(EventType.IncrementalSnapshot, at, {
    source: IncrementalSource.Mutation,
    texts: [{ id, value }],
    attributes: [],
    adds: [],
    removes: [],
  });

/** A page that shows one word after another; the words say when. */
function shop(): string[] {
  const node = { type: 0, id: 1, childNodes: [element(2, "p", [text(3, "before-1")])] };
  return [
    json(EventType.Meta, 0, { href: "https://shop.example/before", width: 800, height: 600 }),
    json(EventType.FullSnapshot, 1, { node, initialOffset: { top: 0, left: 0 } }),
    change(5_000, 3, "before-2"),
    change(9_000, 3, "at-the-start"),
    json(EventType.IncrementalSnapshot, 10_100, {
      source: IncrementalSource.MouseMove,
      positions: [
        { x: 111, y: 1, id: 2, timeOffset: -400 },
        { x: 222, y: 1, id: 2, timeOffset: 0 },
      ],
    }),
    change(12_000, 3, "within-1"),
    change(18_000, 3, "within-2"),
    change(21_000, 3, "after-1"),
  ];
}

async function record(sessionId: string) {
  const row = { user_id: "u-77", user_email: "jo@example.com" };
  const payloads = shop();
  const batch = { projectId: 1, sessionId, windowId: "w", receivedAt: T0, row };
  await load(
    api,
    { ...batch, seq: 0, payloads: payloads.slice(0, 4) },
    { ...batch, seq: 1, payloads: payloads.slice(4) },
  );
}

interface Made {
  share_id: string;
  token: string;
}
const post = (path: string, body: unknown, headers = owner) =>
  api.request(path, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const share = async (body: object = {}, sessionId = SESSION) =>
  (await (await post(`/v1/projects/1/sessions/${sessionId}/shares`, body)).json()) as Made;
const open = (token: string, rest = "") => api.get(`/v1/shared/${token}${rest}`);

interface Event {
  type: number;
  timestamp: number;
}
const eventsOf = async (token: string, query = "") =>
  (await (await open(token, `/events${query}`)).json()) as { events: Event[]; next_cursor: string | null };

describe("a share link", () => {
  test("is shown once, kept as a hash, and listed without its token", async () => {
    const made = await post(`/v1/projects/1/sessions/${SESSION}/shares`, SPAN);
    expect(made.status).toBe(201);
    const { token, ...rest } = (await made.json()) as Made;
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(rest).toMatchObject({ session_id: SESSION, ...SPAN, created_by: "demo@rrhog.localhost", revoked_at: null });
    for (const path of [`/v1/projects/1/sessions/${SESSION}/shares`, "/v1/projects/1/shares"]) {
      const listed = await (await api.get(path, owner)).text();
      expect(listed).toContain(rest.share_id);
      expect(listed).not.toContain(token);
    }
    const [row] = await api.sql`SELECT shares::text FROM shares WHERE id = ${rest.share_id}`;
    expect(JSON.stringify(row)).not.toContain(token);
  });

  test("opens the session without sign-in, tells nobody's name or id, and counts", async () => {
    const { token, share_id } = await share();
    const answer = await open(token);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    const told = await answer.text();
    expect(JSON.parse(told)).toMatchObject({ duration_ms: 21_000, start_ts: T0, person: null, browser: "Firefox" });
    const all = [
      told,
      ...(await Promise.all(["/events", "/timeline"].map(async (rest) => (await open(token, rest)).text()))),
    ];
    for (const text of all) for (const name of [SESSION, "u-77", "jo@example.com"]) expect(text).not.toContain(name);
    const [row] = await api.sql`SELECT opened_count, last_opened_at FROM shares WHERE id = ${share_id}`;
    expect(row).toEqual({ opened_count: 1, last_opened_at: expect.any(Date) });
  });

  test("tells who it is where its maker chose so", async () => {
    const { token } = await share({ shows_person: true });
    expect(await (await open(token)).json()).toMatchObject({
      person: { user_id: "u-77", user_email: "jo@example.com" },
    });
    expect(await (await open(token, "/timeline")).text()).toContain("jo@example.com");
  });

  test("of a whole session gives its events as they were sent", async () => {
    const { token } = await share();
    expect(await (await open(token, "/events")).text()).toBe(`{"events":[${shop().join(",")}],"next_cursor":null}`);
  });

  test("of a span gives a keyframe of its beginning and what follows, and nothing from outside", async () => {
    const { token } = await share(SPAN);
    const told = (await (await open(token)).json()) as { start_ts: number };
    expect(told).toMatchObject({
      duration_ms: 10_000,
      start_ts: T0 + 10_000,
      windows: [{ window_id: "w", first_ts: T0 + 10_000, last_ts: T0 + 20_000, full_snapshots: [T0 + 10_000] }],
      activity: [],
    });
    const { events } = await eventsOf(token);
    expect(events.map(({ type, timestamp }) => [type, timestamp - T0])).toEqual([
      [EventType.Meta, 10_000],
      [EventType.FullSnapshot, 10_000],
      [EventType.IncrementalSnapshot, 10_100],
      [EventType.IncrementalSnapshot, 12_000],
      [EventType.IncrementalSnapshot, 18_000],
    ]);
    const written = JSON.stringify(events);
    expect(written).toContain("at-the-start");
    expect(written).toContain('"x":222');
    for (const outside of ["before-", "after-", '"x":111']) expect(written).not.toContain(outside);
  });

  test("of a span is paged and sought without leaving it, by whatever cursor", async () => {
    const { token } = await share(SPAN);
    const first = await eventsOf(token, "?window_id=w&limit=1");
    expect(first.events).toHaveLength(3);
    const second = await eventsOf(token, `?window_id=w&limit=1&cursor=${first.next_cursor}`);
    expect(second.events.map(({ timestamp }) => timestamp - T0)).toEqual([12_000]);
    expect((await eventsOf(token, "?from=9000")).events[1]).toMatchObject({ type: EventType.FullSnapshot });

    const whole = await eventsOf((await share()).token, "?limit=1");
    const forged = await eventsOf(token, `?cursor=${whole.next_cursor}`);
    expect(forged.events.map(({ timestamp }) => timestamp - T0)).toEqual([10_100, 12_000, 18_000]);
  });

  test("of a span has the timeline of the span only", async () => {
    const all = (await (await open((await share()).token, "/timeline")).json()) as { items: { at_ms: number }[] };
    expect(all.items.length).toBeGreaterThan(0);
    const { token } = await share(SPAN);
    const { items } = (await (await open(token, "/timeline")).json()) as { items: { at_ms: number }[] };
    expect(items.filter(({ at_ms }) => at_ms < 0 || at_ms > 10_000)).toEqual([]);
  });

  test("of a span stays where it was when a batch comes late from before the session", async () => {
    const sessionId = randomUUID();
    await record(sessionId);
    const { token } = await share(SPAN, sessionId);
    const seen = async () => [
      JSON.parse(await (await open(token)).text()),
      await eventsOf(token),
      await (await open(token, "/timeline")).json(),
    ];
    const before = await seen();
    const payloads = [json(EventType.Meta, -6_000, { href: "https://shop.example/", width: 1, height: 1 })];
    await load(api, { projectId: 1, sessionId, windowId: "late", seq: 0, payloads, receivedAt: T0 });
    const session = (await (await api.get(`/v1/projects/1/sessions/${sessionId}`, owner)).json()) as object;
    expect(session).toMatchObject({ start_ts: T0 - 6_000 });
    expect(await seen()).toEqual(before);
  });

  test("has an ETag that names no time", async () => {
    const { token } = await share(SPAN);
    const etag = (await open(token, "/events")).headers.get("etag") ?? "";
    expect((await api.get(`/v1/shared/${token}/events`, { "if-none-match": etag })).status).toBe(304);
  });
});

describe("a link that opens nothing", () => {
  test("says the same whether it is unknown, malformed, expired, revoked, or its session deleted", async () => {
    const expired = await share();
    await api.sql`UPDATE shares SET expires_at = now() WHERE id = ${expired.share_id}`;
    const revoked = await share();
    const gone = await api.request(`/v1/projects/1/shares/${revoked.share_id}`, { method: "DELETE", headers: owner });
    expect(await gone.json()).toMatchObject({ revoked_at: expect.any(String) });
    const doomed = randomUUID();
    await record(doomed);
    const deleted = await share({}, doomed);
    expect((await open(deleted.token)).status).toBe(200);
    const [person] = await api.sql<{ id: string }[]>`SELECT id FROM users LIMIT 1`;
    await deleteSessions(api.sql, 1, [doomed], person?.id ?? "");

    const answers = new Set<string>();
    for (const token of ["x".repeat(43), "nonsense", "%00", expired.token, revoked.token, deleted.token]) {
      for (const rest of ["", "/events", "/timeline", `/assets/${"0".repeat(64)}`]) {
        const answer = await open(token, rest);
        answers.add(`${answer.status} ${await answer.text()}`);
      }
    }
    expect([...answers]).toEqual([expect.stringContaining('404 {"type":"urn:rrhog:problem:not_found"')]);
  });

  test("is not asked after without end", async () => {
    const other = await startTestApi();
    const statuses = new Set<number>();
    for (let i = 0; i < 310; i++) statuses.add((await other.get(`/v1/shared/${"y".repeat(43)}`)).status);
    expect([...statuses]).toEqual([404, 429]);
    const status = async (letter: string) => (await other.get(`/v1/shared/${letter.repeat(43)}`)).status;
    await inTransaction(other.sql, async (transaction) => {
      await transaction`LOCK TABLE shares`;
      // One waits for the table; the others are refused without it.
      const [, ...others] = ["a", "b", "c"].map(status);
      expect(await Promise.all(others)).toEqual([429, 429]);
    });
    await other.drop();
  });
});

describe("who may share", () => {
  test.each([
    ["member", 201],
    ["viewer", 403],
  ])("a %s gets %i", async (role, status) => {
    const { share_id } = await share();
    await api.sql`UPDATE memberships SET role = ${role}`;
    expect((await post(`/v1/projects/1/sessions/${SESSION}/shares`, {})).status).toBe(status);
    expect((await api.get("/v1/projects/1/shares", owner)).status).toBe(200);
    const revoked = await api.request(`/v1/projects/1/shares/${share_id}`, { method: "DELETE", headers: owner });
    expect(revoked.status).toBe(status === 201 ? 200 : 403);
    await api.sql`UPDATE memberships SET role = 'owner'`;
  });

  test("nobody with a read key, nor of another project's session", async () => {
    expect((await post(`/v1/projects/1/sessions/${SESSION}/shares`, {}, api.reader)).status).toBe(403);
    expect((await post(`/v1/projects/1/sessions/${randomUUID()}/shares`, {})).status).toBe(404);
    const other = { authorization: `Bearer ${OTHER.readKey}` };
    expect(await (await api.get(`/v1/projects/${OTHER.id}/shares`, other)).json()).toEqual({ shares: [] });
  });

  test.each([
    [{ from_ms: 5, to_ms: 5 }, "to_ms"],
    [{ from_ms: -1 }, "from_ms"],
    [{ expires_in_s: 1 }, "expires_in_s"],
    [{ shows_person: "yes" }, "shows_person"],
    [{ surprise: 1 }, ""],
  ])("malformed: %j", async (body, path) => {
    const answer = await post(`/v1/projects/1/sessions/${SESSION}/shares`, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "body_malformed", issues: [{ path }] });
  });

  test.each(["from=x", "limit=0", "cursor=nonsense", "window_id=%20"])("malformed: ?%s", async (query) => {
    const { token } = await share();
    const answer = await open(token, `/events?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path: query.split("=")[0] }] });
  });
});
