import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventLine } from "#core/store/clickhouse/events.ts";
import { insertRows } from "#core/store/clickhouse/insert.ts";
import { seenTextLine } from "#core/store/clickhouse/seen-text.ts";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

const NOON = Date.now() - 86_400_000;
const DAY = new Date(NOON).toISOString().slice(0, 10);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

type Fact = [name: string, props: Record<string, unknown>];

/** A recorded session in which these things happened. */
async function happened(facts: Fact[], { project = 1, traits = {}, texts = [] as string[] } = {}): Promise<string> {
  const sessionId = randomUUID();
  const row = { user_traits: traits };
  await load(api, {
    projectId: project,
    sessionId,
    windowId: "w",
    seq: 0,
    payloads: recordedPage(NOON),
    receivedAt: NOON,
    row,
  });
  const key = { project_id: project, session_id: sessionId, window_id: "w", received_on: DAY, version: 1 };
  const rows = facts.map(([event_name, props], idx) => ({
    ...key,
    event_name,
    props,
    idx,
    ts: NOON,
    url: "",
    user_id: null,
    event_id: randomUUID(),
    batch_id: randomUUID(),
  }));
  expect(await insertRows(api.clickhouse, "events", rows, eventLine)).toEqual({ ok: true });
  const seen = texts.map((text) => ({ ...key, text_id: randomUUID(), ts: NOON, text }));
  expect(await insertRows(api.clickhouse, "seen_text", seen, seenTextLine)).toEqual({ ok: true });
  return sessionId;
}

async function ask<Answer>(path: string, query: string, project = 1): Promise<Answer> {
  const headers = project === 1 ? api.reader : { authorization: "Bearer other_read_456" };
  const answer = await api.get(`/v1/projects/${project}/sessions${path}?${query}`, headers);
  expect(answer.status, `${query} ${await answer.clone().text()}`).toBe(200);
  return (await answer.json()) as Answer;
}

interface Page {
  sessions: { session_id: string }[];
  next_cursor: string | null;
}

async function found(query: string, project = 1): Promise<string[]> {
  const { sessions } = await ask<Page>("", query, project);
  return sessions.map(({ session_id }) => session_id).toSorted();
}

const only = (params: [string, string][]) => new URLSearchParams(params).toString();

describe("sessions are found", () => {
  let shop: Record<"pro" | "free" | "theirs", string>;
  beforeAll(async () => {
    shop = {
      pro: await happened(
        [
          [
            "bought",
            { total: 100.5, plan: "pro", gift: true, "a.b": "dotted", cart: { size: 3 }, tags: ["new", "sale"] },
          ],
          ["bought", { total: 7, plan: "basic", "a.:`x`": 1 }],
          ["$pageview", { kind: "load", referrer: "https://news.example/Item?id=1" }],
          ["$console", { level: "error", message: "Payment FAILED: 50% off_er" }],
          ["$request", { url: "https://api.example/Pay", status: 502 }],
          ["$request", { url: "https://api.example/cart", status: 200 }],
        ],
        { traits: { plan: "pro", seats: 12, beta: true }, texts: ["Card DECLINED"] },
      ),
      free: await happened(
        [
          ["bought", { total: "12", plan: "free" }],
          ["$error", { name: "TypeError", message: "x is undefined" }],
          ["$request", { url: "https://api.example/pay", status: 404 }],
          ["$request", { url: "https://api.example/lost" }],
        ],
        { traits: { plan: "free", seats: 2 } },
      ),
      theirs: await happened([["bought", { total: 100.5, plan: "pro" }]], { project: 2, traits: { plan: "pro" } }),
    };
  });

  test.each<[string, [string, string][], ("pro" | "free")[]]>([
    ["by an event", [["event", "bought"]], ["pro", "free"]],
    [
      "a property, as text",
      [
        ["event", "bought"],
        ["property", "plan:eq:pro"],
      ],
      ["pro"],
    ],
    [
      "as a number",
      [
        ["event", "bought"],
        ["property", "total:eq:100.5"],
      ],
      ["pro"],
    ],
    [
      "as true",
      [
        ["event", "bought"],
        ["property", "gift:eq:true"],
      ],
      ["pro"],
    ],
    [
      "a part of it",
      [
        ["event", "bought"],
        ["property", "plan:contains:RE"],
      ],
      ["free"],
    ],
    [
      "a part of a list",
      [
        ["event", "bought"],
        ["property", "tags:contains:sale"],
      ],
      ["pro"],
    ],
    [
      "more than a number",
      [
        ["event", "bought"],
        ["property", "total:gt:12"],
      ],
      ["pro"],
    ],
    [
      "a number that was sent as text",
      [
        ["event", "bought"],
        ["property", "total:gte:12"],
      ],
      ["pro", "free"],
    ],
    [
      "less than a number",
      [
        ["event", "bought"],
        ["property", "total:lt:7.5"],
      ],
      ["pro"],
    ],
    [
      "both of one occurrence",
      [
        ["event", "bought"],
        ["property", "total:lt:10"],
        ["property", "plan:eq:basic"],
      ],
      ["pro"],
    ],
    [
      "not of two",
      [
        ["event", "bought"],
        ["property", "total:lt:10"],
        ["property", "plan:eq:pro"],
      ],
      [],
    ],
    [
      "a name with a dot",
      [
        ["event", "bought"],
        ["property", "a.b:eq:dotted"],
      ],
      ["pro"],
    ],
    [
      "a member of a member",
      [
        ["event", "bought"],
        ["property", "cart.size:eq:3"],
      ],
      ["pro"],
    ],
    [
      "a name that looks like one of the engine's types",
      [
        ["event", "bought"],
        ["property", "a.:`x`:eq:1"],
      ],
      ["pro"],
    ],
    [
      "the name of a type, which nobody sent",
      [
        ["event", "bought"],
        ["property", "total.:`Float64`:eq:100.5"],
      ],
      [],
    ],
    [
      "a property that nobody sent",
      [
        ["event", "bought"],
        ["property", "n.:Int64:eq:1"],
      ],
      [],
    ],
    ["by where they came from", [["referrer", "news.example/item"]], ["pro"]],
    ["by console messages", [["console", "payment failed"]], ["pro"]],
    ["whose wildcards mean themselves", [["console", "50% off_er"]], ["pro"]],
    ["and nothing else", [["console", "50%offer"]], []],
    ["by errors", [["error", "typeerror: x is"]], ["free"]],
    ["by a request's status", [["request_status", "404"]], ["free"]],
    ["by a class of them", [["request_status", "5xx"]], ["pro"]],
    [
      "and by the address of the same one",
      [
        ["request_status", "2xx"],
        ["request_url", "/cart"],
      ],
      ["pro"],
    ],
    [
      "not of another",
      [
        ["request_status", "2xx"],
        ["request_url", "/pay"],
      ],
      [],
    ],
    ["by a request's address", [["request_url", "/PAY"]], ["pro", "free"]],
    ["by what could be read", [["seen", "card declined"]], ["pro"]],
    ["by what is known of their users", [["trait", "plan:eq:pro"]], ["pro"]],
    [
      "as a number, and together",
      [
        ["trait", "seats:gte:2"],
        ["trait", "plan:eq:free"],
      ],
      ["free"],
    ],
    ["as true", [["trait", "beta:eq:true"]], ["pro"]],
    [
      "by all of it together",
      [
        ["event", "bought"],
        ["console", "failed"],
        ["trait", "plan:eq:pro"],
        ["seen", "card"],
      ],
      ["pro"],
    ],
    [
      "and not where a part is another's",
      [
        ["error", "TypeError"],
        ["trait", "plan:eq:pro"],
      ],
      [],
    ],
    [
      "with what Postgres knows",
      [
        ["event", "bought"],
        ["country", "de"],
        ["path", "/"],
      ],
      ["pro", "free"],
    ],
  ])("%s", async (_, params, expected) => {
    const query = only(params);
    expect(await found(query)).toEqual(expected.map((who) => shop[who]).toSorted());
    expect(await ask("/count", query)).toEqual({ count: expected.length, exact: true });
    expect(await ask("/facets", query)).toMatchObject({ sessions: expected.length, exact: true });
  });

  test("in their own project only", async () => {
    expect(await found("event=bought", 2)).toEqual([shop.theirs]);
    expect(await found("trait=plan:eq:pro", 2)).toEqual([shop.theirs]);
  });

  test("by what a row says now, not by what an older version of it said", async () => {
    const batch_id = randomUUID();
    const event_id = randomUUID();
    const session_id = await happened([]);
    const row = {
      project_id: 1,
      session_id,
      window_id: "w",
      event_name: "paid",
      idx: 0,
      ts: NOON,
      url: "",
      user_id: null,
    };
    for (const [version, card] of [
      [1, "4111"],
      [2, "[redacted]"],
    ] as const) {
      const paid = { ...row, event_id, batch_id, props: { card }, received_on: DAY, version };
      expect(await insertRows(api.clickhouse, "events", [paid], eventLine)).toEqual({ ok: true });
    }
    expect(await found("event=paid")).toEqual([session_id]);
    expect(await found("event=paid&property=card:contains:4111")).toEqual([]);
  });

  test("with the values that most of them have", async () => {
    const facets = await ask("/facets", "event=bought");
    expect(facets).toEqual({
      sessions: 2,
      exact: true,
      facets: {
        browser: [{ value: "Firefox", sessions: 2 }],
        os: [{ value: "Linux", sessions: 2 }],
        device: [{ value: "desktop", sessions: 2 }],
        country: [{ value: "DE", sessions: 2 }],
        release: [],
        path: [{ value: "/", sessions: 2 }],
      },
    });
  });
});

describe("of very many sessions", { timeout: 240_000 }, () => {
  const MANY = 10_200;
  beforeAll(async () => {
    await api.sql`
      INSERT INTO sessions_meta (project_id, session_id, first_received_at, batch_count, started_at, ended_at, event_count, country)
      SELECT 2, md5(n::text)::uuid, now() - interval '1 day', 1, t, t + interval '1 second', n % 700,
        CASE WHEN n % 4000 = 1 THEN 'IS' ELSE 'DE' END
      FROM generate_series(0, ${MANY - 1}) AS n
      CROSS JOIN LATERAL (SELECT now() - interval '1 day' - n / 3 * interval '1 second' AS t) AS at`;
    await api.clickhouse.command({
      query: `
        INSERT INTO events (project_id, session_id, event_name, ts, url, props, event_id, window_id, batch_id, idx, received_on, version)
        SELECT 2, toUUID(concat(substring(h, 1, 8), '-', substring(h, 9, 4), '-', substring(h, 13, 4), '-', substring(h, 17, 4), '-', substring(h, 21))),
          'looked', now() - INTERVAL 1 DAY - intDiv(number, 3), '', '{"even":' || if(number % 2 = 0, 'true', 'false') || '}',
          generateUUIDv4(), 'w', generateUUIDv4(), 0, today() - 1, 1
        FROM (SELECT number, lower(hex(MD5(toString(number)))) AS h FROM numbers(${MANY}))`,
      clickhouse_settings: { async_insert: 0 },
    });
  });

  async function all(query: string): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Page = await ask("", `${query}&limit=500${cursor && `&cursor=${cursor}`}`, 2);
      ids.push(...page.sessions.map(({ session_id }) => session_id));
      cursor = page.next_cursor;
    }
    return ids;
  }

  const expected = async (order: "started_at" | "event_count") => {
    const rows = await api.sql<{ session_id: string }[]>`
      SELECT session_id FROM sessions_meta WHERE project_id = 2 AND country IN ('DE', 'IS') AND batch_count = 1 AND bot IS NULL
        AND user_id IS NULL AND ua IS NULL
      ORDER BY ${api.sql(order)} DESC, session_id DESC`;
    return rows.map(({ session_id }) => session_id);
  };

  test("that have an event, each is on one page", async () => {
    expect(await all("event=looked")).toEqual(await expected("started_at"));
  });

  test("in whatever order", async () => {
    expect(await all("event=looked&sort=most_events")).toEqual(await expected("event_count"));
  });

  test("few are found among many, by the one engine or the other", async () => {
    expect(await all("event=looked&country=IS")).toHaveLength(3);
    expect(await all("event=looked&property=even:eq:true")).toHaveLength(MANY / 2);
    expect(await ask("/count", "event=looked&country=IS", 2)).toEqual({ count: 3, exact: true });
  });

  test("no more are counted than is worth it", async () => {
    expect(await ask("/count", "event=looked", 2)).toEqual({ count: 2_000, exact: false });
    expect(await ask("/count", "event=looked&property=even:eq:false", 2)).toEqual({ count: MANY / 2, exact: true });
    expect(await ask("/facets", "event=looked", 2)).toMatchObject({ sessions: 2_000, exact: false });
  });
});
