import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NAVIGATION_TAG } from "#core/facts/page-view.ts";
import { EventType } from "#protocol/event.ts";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { type BatchFixture, load, loadCustom, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

const batch = (
  sessionId: string,
  windowId: string,
  seq: number,
  payloads: readonly string[],
  row = {},
): BatchFixture => ({
  projectId: 1,
  sessionId,
  windowId,
  seq,
  payloads,
  receivedAt: T0 + seq,
  row,
});

async function read(sessionId: string, path = ""): Promise<unknown> {
  const answer = await api.get(`/v1/projects/1/sessions/${sessionId}${path}`, api.reader);
  expect(answer.status).toBe(200);
  return answer.json();
}

describe("one session", () => {
  test("with its windows by first event, each with where playback can begin, and its pages", async () => {
    const session = randomUUID();
    const cart = { href: "https://shop.example/cart?c=1" };
    await load(
      api,
      batch(session, "tab2", 0, recordedPage(T0 + 500, { href: "https://shop.example/help" }), { url: "" }),
      batch(session, "tab1", 0, recordedPage(T0, { count: 2 })),
      batch(session, "tab1", 1, recordedPage(T0 + 1_000, { ...cart, count: 2 })),
      batch(session, "tab1", 2, recordedPage(T0 + 2_000, { ...cart, count: 2 })), // a checkout: nobody went anywhere
    );
    expect(await read(session)).toMatchObject({
      session_id: session,
      started_at: new Date(T0).toISOString(),
      duration_ms: 2_200,
      start_ts: T0,
      event_count: 17,
      window_count: 2,
      pageview_count: 3,
      browser: "Firefox",
      ua: expect.stringContaining("Firefox/142.0"),
      windows: [
        {
          window_id: "tab1",
          first_ts: T0,
          last_ts: T0 + 2_200,
          event_count: 12,
          first_url: "https://shop.example/",
          full_snapshots: [T0, T0 + 1_000, T0 + 2_000],
          gaps: [],
        },
        { window_id: "tab2", first_ts: T0 + 500, first_url: null, full_snapshots: [T0 + 500] },
      ],
      pages: [
        { at_ms: 0, window_id: "tab1", url: "https://shop.example/", path: "/" },
        { at_ms: 500, window_id: "tab2", path: "/help" },
        { at_ms: 1_000, window_id: "tab1", path: "/cart" },
      ],
    });
  });

  test("counts the events that play: a conflict is not among them", async () => {
    const session = randomUUID();
    await load(api, batch(session, "w", 0, recordedPage(T0, { count: 1 })));
    await load(api, { ...batch(session, "w", 0, recordedPage(T0, { count: 9 })), receivedAt: T0 + 9 });
    expect(await read(session)).toMatchObject({ batch_count: 2, windows: [{ event_count: 3 }] });
  });

  test("says where batches are missing, and until when the page is not known for it", async () => {
    const session = randomUUID();
    await load(
      api,
      batch(session, "w", 0, recordedPage(T0, { count: 2 })),
      batch(session, "w", 3, recordedPage(T0 + 9_000, { count: 2 })),
    );
    const gap = { first_seq: 1, last_seq: 2, from_ts: T0 + 200, to_ts: T0 + 9_000 };
    expect(await read(session)).toMatchObject({ windows: [{ last_ts: T0 + 9_200, gaps: [gap] }] });
  });

  test.each(["00000000-0000-4000-8000-000000000000", "not-an-id"])("%s is not there", async (id) => {
    const answer = await api.get(`/v1/projects/1/sessions/${id}`, api.reader);
    expect([400, 404]).toContain(answer.status);
  });
});

describe("its timeline", () => {
  test("has the pages that were visited in time order, with what is known of them", async () => {
    const session = randomUUID();
    const go = (at: number, href: string, kind: string) =>
      JSON.stringify({
        type: EventType.Custom,
        timestamp: T0 + at,
        data: { tag: NAVIGATION_TAG, payload: { href, kind, title: `Page ${href}` } },
      });
    const navigations = [go(0, "https://shop.example/", "load"), go(700, "https://shop.example/a?b=c", "push")];
    await load(api, batch(session, "w", 0, navigations));
    expect(await read(session, "/timeline")).toEqual({
      items: [
        {
          at_ms: 0,
          type: "$pageview",
          window_id: "w",
          page: "/",
          detail: { url: "https://shop.example/", kind: "load", title: "Page https://shop.example/" },
        },
        {
          at_ms: 700,
          type: "$pageview",
          window_id: "w",
          page: "/a",
          detail: { url: "https://shop.example/a?b=c", kind: "push", title: "Page https://shop.example/a?b=c" },
        },
      ],
    });
  });

  test("has what the site tracked beside its pages, each with its props as they were sent", async () => {
    const session = randomUUID();
    const sent = { projectId: 1, sessionId: session, receivedAt: T0 + 5 };
    const props = { text: "mine", url: "also mine", plan: { name: "pro", "since.year": 2020 }, list: [1, "x", true] };
    await load(api, batch(session, "w", 0, recordedPage(T0, { stepMs: 1_000 })));
    const bought = { name: "bought", ts: T0 + 1_500, url: "https://shop.example/pay?now", props };
    await loadCustom(api, { ...sent, windowId: "w", events: [bought, { name: "early", ts: T0 - 100 }] });
    await loadCustom(api, { ...sent, windowId: "w", events: [bought, { name: "early", ts: T0 - 100 }] });
    await loadCustom(api, { ...sent, windowId: "", events: [{ name: "late", ts: T0 + 60_000 }] });
    expect(await read(session, "/timeline")).toEqual({
      items: [
        { at_ms: -100, type: "early", window_id: "w", detail: {} },
        expect.objectContaining({ at_ms: 0, type: "$pageview" }),
        { at_ms: 1_500, type: "bought", window_id: "w", page: "/pay", detail: props },
        { at_ms: 60_000, type: "late", window_id: "", detail: {} },
      ],
    });
    expect(await read(session)).toMatchObject({ duration_ms: 3_000, pageview_count: 1, pages: [{ path: "/" }] });
  });

  test("has what people did and what went wrong, each in words, at its page", async () => {
    const session = randomUUID();
    const at = (ms: number, type: number, data: object) => JSON.stringify({ type, timestamp: T0 + ms, data });
    const own = (ms: number, tag: string, payload: object) => at(ms, EventType.Custom, { tag, payload });
    const click = (ms: number, id: number) =>
      at(ms, EventType.IncrementalSnapshot, { source: 2, type: 2, id, x: 3, y: 4 });
    const log = { level: "warn", payload: ['"Payment refused"'], trace: ["pay (pay.js:1:2)"] };
    const pay = {
      name: "https://shop.example/api/pay",
      initiatorType: "fetch",
      method: "POST",
      status: 402,
      timestamp: T0 + 30,
    };
    const payloads = [
      at(0, EventType.Meta, { href: "https://shop.example/cart", width: 800, height: 600 }),
      own(10, "rrhog.click", { id: 7, tag: "button", selector: "#pay", text: "Pay now", x: 3, y: 4 }),
      click(10, 7),
      click(20, 8),
      at(50, EventType.Plugin, { plugin: "rrweb/network@1", payload: { requests: [pay] } }),
      at(60, EventType.Plugin, { plugin: "rrweb/console@1", payload: log }),
      own(70, "rrhog.error", { kind: "error", name: "TypeError", message: "x is undefined" }),
      own(80, "rrhog.web_vital", { name: "LCP", value: 2_511.7, rating: "needs-improvement" }),
      own(90, "rrhog.track", { name: "bought", properties: { total: 1 } }),
    ];
    const user = { user_id: "ada", url: "" };
    await load(api, batch(session, "w", 1, [click(200, 9)], user), batch(session, "w", 0, payloads, user));
    const { items } = (await read(session, "/timeline")) as { items: Record<string, unknown>[] };
    // Two facts of one event, in either order.
    expect(items.splice(0, 2)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ at_ms: 0, type: "$identify", page: "/cart", text: "ada" }),
        expect.objectContaining({ at_ms: 0, type: "$pageview", page: "/cart" }),
      ]),
    );
    expect(items.map(({ at_ms, type, page, text }) => [at_ms, type, page, text])).toEqual([
      [10, "$click", "/cart", "Pay now"],
      [20, "$click", "/cart", undefined],
      [30, "$request", "/cart", "POST /api/pay 402"],
      [60, "$console", "/cart", "Payment refused"],
      [70, "$error", "/cart", "TypeError: x is undefined"],
      [80, "$web_vital", "/cart", "LCP 2512 ms needs-improvement"],
      [90, "bought", "/cart", undefined],
      [200, "$click", "/cart", undefined],
    ]);
    expect(items[0]).toMatchObject({
      selector: "#pay",
      detail: { id: 7, tag: "button", url: "https://shop.example/cart" },
    });
    expect(items[2]).toMatchObject({ detail: { url: pay.name, status: 402, failed: true } });
    expect(items[4]).toMatchObject({ detail: { fingerprint: expect.any(String), message: "x is undefined" } });
    const told = await api.get(`/v1/projects/1/sessions/${session}/transcript`, api.reader);
    expect(told.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await told.text()).toBe(
      [
        "00:00 page /cart",
        "00:00 is ada",
        "00:00 click “Pay now” (#pay)",
        "00:00 click → POST /api/pay 402 → console.warn “Payment refused” → error “TypeError: x is undefined”",
        '00:00 event bought {"total":1}',
        "00:00 click",
        "",
      ].join("\n"),
    );
    expect(await read(session)).toMatchObject({
      click_count: 3,
      error_count: 1,
      console_error_count: 0,
      request_failed_count: 1,
    });
  });

  test("ends before its props are more than one answer should hold; pages are known all the same", async () => {
    const session = randomUUID();
    const events = Array.from({ length: 20 }, (_, i) => ({
      name: "huge",
      ts: T0 + i,
      props: { text: `${i}`.padEnd(1024 * 1024) },
    }));
    await load(api, batch(session, "w", 0, recordedPage(T0 + 50)));
    await loadCustom(api, { projectId: 1, sessionId: session, windowId: "w", receivedAt: T0, events });
    const { items } = (await read(session, "/timeline")) as { items: { type: string }[] };
    expect(items.map(({ type }) => type)).toEqual(Array.from({ length: 15 }, () => "huge"));
    expect(await read(session)).toMatchObject({ pages: [{ path: "/" }] });
  });

  test("has each fact once, whatever was loaded again", async () => {
    const session = randomUUID();
    const sent = batch(session, "w", 0, recordedPage(T0));
    await load(api, sent);
    await load(api, { ...sent, receivedAt: T0 + 60_000 });
    expect(await read(session, "/timeline")).toMatchObject({ items: [{ type: "$pageview", at_ms: 0 }] });
  });
});

describe("its ledger", () => {
  test("says what arrived, what is missing, what was given up, and which batches are in each other's place", async () => {
    const session = randomUUID();
    const page = (label: string) => recordedPage(T0, { label });
    const played = batch(session, "w", 0, page("first"));
    const dropped = [{ from: 3, to: 3, reason: "too_large" }];
    const [first] = await load(
      api,
      played,
      batch(session, "w", 4, page("end"), { is_end: true, dropped, durable: "spool" }),
    );
    const [second] = await load(api, { ...batch(session, "w", 0, page("second")), receivedAt: T0 + 9 });
    await load(api, { ...played, receivedAt: T0 + 10 });
    await api.sql`
      INSERT INTO dead_letters (batch_id, project_id, session_id, window_id, seq, reason, body, stream_seq, identity)
      VALUES (${randomUUID()}, 1, ${session}, 'w', 2, 'body_not_json', '', 1, ${Buffer.from(session)})`;
    expect(await read(session, "/ledger")).toEqual({
      complete: false,
      why: "missing",
      windows: [
        {
          window_id: "w",
          received: [
            [0, 0],
            [4, 4],
          ],
          missing: [[1, 1]],
          dropped,
          dropped_count: 1,
          rejected: [{ seq: 2, batch_id: expect.any(String), reason: "body_not_json" }],
          conflicts: [{ seq: 0, batch_ids: [first, second] }],
          duplicates: 1,
          spooled: 1,
          last_received_at: new Date(T0 + 10).toISOString(),
          end: true,
        },
      ],
    });
  });

  test("knows nothing of custom events, not even of those that can never be read", async () => {
    const session = randomUUID();
    await load(api, batch(session, "w", 0, recordedPage(T0), { is_end: true }));
    await loadCustom(api, {
      projectId: 1,
      sessionId: session,
      windowId: "other",
      receivedAt: T0,
      events: [{ name: "tracked", ts: T0 }],
    });
    await api.sql`
      INSERT INTO dead_letters (batch_id, project_id, session_id, window_id, seq, reason, body, stream_seq, identity, format)
      VALUES (${randomUUID()}, 1, ${session}, 'w', 0, 'event_malformed', '', 1, ${Buffer.from(session)}, 'analytics')`;
    expect(await read(session, "/ledger")).toMatchObject({
      complete: true,
      windows: [{ window_id: "w", rejected: [], received: [[0, 0]] }],
    });
  });

  test("is complete when the end was seen and nothing is missing", async () => {
    const session = randomUUID();
    await load(
      api,
      batch(session, "w", 0, recordedPage(T0)),
      batch(session, "w", 1, recordedPage(T0), { is_end: true }),
    );
    expect(await read(session, "/ledger")).toMatchObject({ complete: true, why: null });
  });

  test("cannot tell for recorders that know no windows", async () => {
    const session = randomUUID();
    await load(api, batch(session, "", 0, recordedPage(T0)), batch(session, "", 5, recordedPage(T0)));
    expect(await read(session, "/ledger")).toMatchObject({ complete: null, windows: [{ missing: [], conflicts: [] }] });
  });
});
