import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Midnight UTC, three days ago: within retention, and no day of the tests' period is today. */
const DAY0 = Math.floor(Date.now() / DAY_MS - 3) * DAY_MS;
const iso = (ms: number) => new Date(ms).toISOString();

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const visit = async (projectId: number, at: number, ...paths: string[]) => {
    const sessionId = randomUUID();
    for (const [seq, path] of paths.entries()) {
      const payloads = recordedPage(at + seq * 60_000, { href: `https://shop.example${path}` });
      const batch = { projectId, sessionId, windowId: "w", seq, payloads, receivedAt: at };
      await load(api, batch);
      await load(api, { ...batch, receivedAt: at + 1_000 }); // sent twice, counted once
    }
  };
  await visit(1, DAY0 + 1 * HOUR_MS, "/", "/pricing", "/pricing", "/"); // the second /pricing is a checkout
  await visit(1, DAY0 + 25 * HOUR_MS, "/?utm_source=x");
  await visit(1, DAY0 + 25.5 * HOUR_MS, "/pricing");
  await visit(1, DAY0 + 23.99 * HOUR_MS, "/late", "/late", "/late"); // goes on past midnight, on the same page
  await visit(2, DAY0 + 1 * HOUR_MS, "/other-project");
});
afterAll(() => api.drop());

async function ask(query: string): Promise<unknown> {
  const answer = await api.get(`/v1/projects/1/query/${query}`, api.reader);
  expect(answer.status, query).toBe(200);
  return answer.json();
}

const days = `from=${iso(DAY0)}&to=${iso(DAY0 + 3 * DAY_MS)}`;

test("page views over time, each once, empty days as 0", async () => {
  expect(await ask(`pageviews?${days}&interval=day`)).toEqual({
    total: 6,
    interval: "day",
    series: [
      { t: iso(DAY0), value: 4 },
      { t: iso(DAY0 + DAY_MS), value: 2 },
      { t: iso(DAY0 + 2 * DAY_MS), value: 0 },
    ],
  });
});

test("what was already being looked at when the period began is no new view", async () => {
  const from = iso(DAY0 + 24 * HOUR_MS);
  expect(await ask(`pageviews?from=${from}&to=${iso(DAY0 + 25 * HOUR_MS)}&interval=hour`)).toMatchObject({ total: 0 });
});

test("sessions over time", async () => {
  expect(await ask(`sessions?${days}&interval=day`)).toEqual({
    total: 4,
    interval: "day",
    series: [
      { t: iso(DAY0), value: 2 },
      { t: iso(DAY0 + DAY_MS), value: 2 },
      { t: iso(DAY0 + 2 * DAY_MS), value: 0 },
    ],
  });
});

test.each(["pageviews", "sessions"])("%s by every interval add up to the same", async (what) => {
  const { total } = (await ask(`${what}?${days}`)) as { total: number };
  for (const interval of ["minute", "hour", "week", "month"]) {
    const answer = (await ask(`${what}?${days}&interval=${interval}`)) as { total: number; series: { t: string }[] };
    expect(answer.total, interval).toBe(total);
    expect(Date.parse(answer.series[0]?.t ?? ""), interval).toBeLessThanOrEqual(DAY0);
  }
});

test("top pages, whatever their query string", async () => {
  expect(await ask(`top-pages?${days}`)).toEqual({
    rows: [
      { path: "/", views: 3, sessions: 2 },
      { path: "/pricing", views: 2, sessions: 2 },
      { path: "/late", views: 1, sessions: 1 },
    ],
  });
  expect(await ask(`top-pages?${days}&limit=1`)).toMatchObject({ rows: [{ path: "/" }] });
});

test("the last seven days where nothing else is said", async () => {
  expect(await ask("pageviews")).toMatchObject({ total: 6, interval: "day" });
  expect(await ask("sessions")).toMatchObject({ total: 4, interval: "day" });
  expect(await ask("top-pages")).toMatchObject({ rows: [{ path: "/" }, { path: "/pricing" }, { path: "/late" }] });
});

test("what the project no longer keeps is not counted", async () => {
  await api.sql`UPDATE projects SET retention_days = 1 WHERE id = 1`;
  expect(await ask("pageviews")).toMatchObject({ total: 0 });
  await api.sql`UPDATE projects SET retention_days = 90 WHERE id = 1`;
});

test.each([
  ["pageviews?interval=year", "interval"],
  ["pageviews?from=2026-01-02&to=2026-01-01", "from"],
  ["sessions?from=2026-01-01&to=2026-01-01", "from"],
  ["pageviews?from=1990-01-01&interval=minute", "interval"],
  ["top-pages?limit=0", "limit"],
  ["top-pages?from=2026-13-01", "from"],
])("%s is a 400 that names the field", async (query, path) => {
  const answer = await api.get(`/v1/projects/1/query/${query}`, api.reader);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path }] });
});
