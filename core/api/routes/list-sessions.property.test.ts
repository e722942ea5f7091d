/** Any list, in any order and any pages, is what a plain filter and sort of all sessions gives. */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";

const NOON = Date.now() - 86_400_000;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

const oneOf = <Value>(...values: Value[]) => fc.constantFrom(...values);
const Session = fc.record({
  session_id: fc.constant(null).map(() => randomUUID()),
  // few values, so that many are equal
  started_at: fc.integer({ min: 0, max: 3 }),
  seconds: fc.integer({ min: 0, max: 3 }),
  event_count: fc.integer({ min: 0, max: 3 }),
  active_ms: fc.integer({ min: 0, max: 2 }),
  error_count: fc.integer({ min: 0, max: 2 }),
  rage_click_count: fc.integer({ min: 0, max: 1 }),
  request_failed_count: fc.integer({ min: 0, max: 1 }),
  country: oneOf("DE", "US", null),
  browser: oneOf("Firefox", "Chrome", null),
  release: oneOf("1", "2%", null),
  user_id: oneOf("ada", "Bob_1", null),
  paths: fc.subarray(["/", "/cart", "/Pay"]),
  complete: oneOf(true, false, null),
});
type Session = typeof Session extends fc.Arbitrary<infer Value> ? Value : never;

const has = (text: string | null, part: string) => text?.toLowerCase().includes(part.toLowerCase()) ?? false;
const endedMs = ({ started_at, seconds }: Session) => started_at * 1_000 + seconds * 1_000;

/** Each filter with the values that are tried, and what it means. */
const FILTERS: Record<string, { values: string[]; keeps: (session: Session, value: string) => boolean }> = {
  country: { values: ["de", "US", "FR"], keeps: (s, v) => s.country === v.toUpperCase() },
  browser: { values: ["firefox", "Chrome"], keeps: (s, v) => s.browser?.toLowerCase() === v.toLowerCase() },
  release: { values: ["1", "2%", "2"], keeps: (s, v) => s.release === v },
  user: { values: ["A", "b_", "%"], keeps: (s, v) => has(s.user_id, v) },
  path: { values: ["/cart", "/pay"], keeps: (s, v) => s.paths.includes(v) },
  url: { values: ["/pay", "CART"], keeps: (s, v) => s.paths.some((path) => has(path, v)) },
  has_errors: { values: ["true", "false"], keeps: (s, v) => String(s.error_count > 0) === v },
  has_rage_clicks: { values: ["true", "false"], keeps: (s, v) => String(s.rage_click_count > 0) === v },
  has_failed_requests: { values: ["true", "false"], keeps: (s, v) => String(s.request_failed_count > 0) === v },
  complete: { values: ["true", "false"], keeps: (s, v) => String(s.complete) === v },
  min_duration_ms: { values: ["1000", "2001"], keeps: (s, v) => s.seconds * 1_000 >= Number(v) },
  max_duration_ms: { values: ["0", "1999"], keeps: (s, v) => s.seconds * 1_000 <= Number(v) },
  min_active_ms: { values: ["1"], keeps: (s, v) => s.active_ms >= Number(v) },
  from: {
    values: [new Date(NOON + 1_000).toISOString()],
    keeps: (s, v) => NOON + s.started_at * 1_000 >= Date.parse(v),
  },
  to: {
    values: [new Date(NOON + 2_000).toISOString()],
    keeps: (s, v) => NOON + s.started_at * 1_000 < Date.parse(v),
  },
};

const ORDERS: Record<string, (session: Session) => number> = {
  newest: ({ started_at }) => started_at,
  longest: ({ seconds }) => seconds,
  most_active: ({ active_ms }) => active_ms,
  most_events: ({ event_count }) => event_count,
  most_errors: ({ error_count }) => error_count,
};

const Asked = fc
  .subarray(Object.keys(FILTERS), { maxLength: 3 })
  .chain((names) =>
    fc.record(Object.fromEntries(names.map((name) => [name, oneOf(...(FILTERS[name]?.values ?? []))]))),
  );

async function get<Answer>(path: string, params: Record<string, string>): Promise<Answer> {
  const answer = await api.get(`/v1/projects/1/sessions${path}?${new URLSearchParams(params)}`, api.reader);
  expect(answer.status, JSON.stringify(params)).toBe(200);
  return (await answer.json()) as Answer;
}

interface Page {
  sessions: { session_id: string }[];
  next_cursor: string | null;
}

async function store(sessions: readonly Session[]): Promise<void> {
  await api.sql`DELETE FROM sessions_meta`;
  const rows = sessions.map(({ seconds: _, ...session }) => ({ ...session }));
  for (const [i, { started_at, ...row }] of rows.entries()) {
    const at = {
      started_at: new Date(NOON + started_at * 1_000),
      ended_at: new Date(NOON + endedMs(sessions[i] as Session)),
      first_received_at: new Date(NOON),
    };
    await api.sql`INSERT INTO sessions_meta ${api.sql({ project_id: 1, batch_count: 1, ...row, ...at })}`;
  }
}

test("filters, orders and pages", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(Session, { maxLength: 25 }),
      fc.array(fc.tuple(Asked, oneOf(...Object.keys(ORDERS)), fc.integer({ min: 1, max: 9 })), {
        minLength: 4,
        maxLength: 4,
      }),
      async (sessions, questions) => {
        await store(sessions);
        for (const [asked, sort, limit] of questions) {
          const measure = ORDERS[sort] as (session: Session) => number;
          const expected = sessions
            .filter((session) =>
              Object.entries(asked).every(([name, value]) => FILTERS[name]?.keeps(session, String(value))),
            )
            .sort((a, b) => measure(b) - measure(a) || (a.session_id < b.session_id ? 1 : -1))
            .map(({ session_id }) => session_id);
          const params = { ...(asked as Record<string, string>) };
          const found: string[] = [];
          for (let cursor: string | null = ""; cursor !== null; ) {
            const page: Page = await get("", { ...params, sort, limit: String(limit), ...(cursor && { cursor }) });
            expect(page.sessions.length).toBeLessThanOrEqual(limit);
            found.push(...page.sessions.map(({ session_id }) => session_id));
            cursor = page.next_cursor;
          }
          expect(found, JSON.stringify({ asked, sort, limit })).toEqual(expected);
          expect(await get("/count", params)).toEqual({ count: expected.length, exact: true });
        }
      },
    ),
    { numRuns: 12 },
  );
});

test("sessions that come while one turns the pages move nothing below", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Session, { minLength: 2, maxLength: 12 }), async (sessions) => {
      await store(sessions);
      const before: Page = await get("", { limit: "500" });
      const first: Page = await get("", { limit: "1" });
      const later = { session_id: randomUUID(), project_id: 1, batch_count: 1, first_received_at: new Date(NOON) };
      const at = { started_at: new Date(NOON + 9_000), ended_at: new Date(NOON + 9_000) };
      await api.sql`INSERT INTO sessions_meta ${api.sql({ ...later, ...at })}`;
      const rest: Page = await get("", { limit: "500", cursor: first.next_cursor ?? "" });
      expect([...first.sessions, ...rest.sessions]).toEqual(before.sessions);
    }),
    { numRuns: 5 },
  );
});

test("whatever stands in a filter, the answer is one, or a 400 that names it", async () => {
  await store([]);
  const names = [...Object.keys(FILTERS), "trait", "property", "referrer", "os", "device", "event", "error", "console"];
  const others = [
    "request_url",
    "request_status",
    "seen",
    "incomplete_why",
    "live",
    "bots",
    "internal",
    "sort",
    "cursor",
  ];
  const value = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.string({ unit: "binary", maxLength: 600 }),
    oneOf("'; DROP TABLE sessions_meta; --", "{value0: String}", "%", "\\", "\\%_", "a:eq:'", "a:gt:1e999", "^a:eq:1"),
    oneOf(
      "n.:Int64:eq:1",
      "`a`:contains:`",
      "a.b.c:lt:-1",
      ":eq:1",
      "a:eq:",
      "a\0:eq:1",
      "5xx",
      "0",
      "-1",
      "[]",
      "null",
    ),
  );
  await fc.assert(
    fc.asyncProperty(oneOf(...names, ...others), value, async (name, text) => {
      const params = new URLSearchParams([[name, text]]);
      if (name === "property") params.set("event", "bought");
      for (const path of ["", "/count"]) {
        const answer = await api.get(`/v1/projects/1/sessions${path}?${params}`, api.reader);
        const body = (await answer.json()) as { issues?: { path: string }[] };
        expect([200, 400], `${params} ${JSON.stringify(body)}`).toContain(answer.status);
        if (answer.status === 400) expect(body.issues?.[0]?.path.split(".")[0]).toBe(name);
      }
    }),
    { numRuns: 150 },
  );
  expect(await get("", {})).toMatchObject({ sessions: [] });
});
