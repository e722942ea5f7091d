import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

const DAY_MS = 86_400_000;
const T0 = Date.now() - DAY_MS;

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
  receivedAt = T0 + seq,
) => ({
  projectId: 1,
  sessionId,
  windowId,
  seq,
  payloads,
  receivedAt,
});

const eventsPath = (sessionId: string, query = "") => `/v1/projects/1/sessions/${sessionId}/events${query}`;

/** The slices of an answer's events, as text: what was sent is compared with what came, not with what it means. */
async function ndjson(sessionId: string, query = ""): Promise<string[]> {
  const answer = await api.get(eventsPath(sessionId, query), { ...api.reader, accept: "application/x-ndjson" });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
  const text = await answer.text();
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

describe("what was sent comes back", () => {
  test("byte for byte: numbers, order of members, escapes and blanks are the sender's", async () => {
    const session = randomUUID();
    const payloads = [
      `{"b":1.0,"2":1e3,"1":12345678901234567890,"z":-0,"type":4,"timestamp":${T0}}`,
      `{ "type": 3, "timestamp": ${T0 + 1}.25, "data": "\\u00e9é\\ud800 \\u2028 \\" \\\\ \\/ 😀" }`,
      `{"type":3,"timestamp":${T0 + 2},"data":{},"data":{"again":true},"__proto__":1}`,
    ];
    await load(api, batch(session, "w", 0, payloads));

    expect(await ndjson(session)).toEqual(payloads);
    const page = await api.get(eventsPath(session), api.reader);
    expect(await page.text()).toBe(`{"events":[${payloads.join(",")}],"next_cursor":null}`);
    const original = await api.get(`/replay?session_id=${session}&read_key=dev_read_123`);
    expect(await original.text()).toBe(`{"session_id":"${session}","events":[${payloads.join(",")}]}`);
  });

  test("a body with line breaks between its tokens is still one line an event", async () => {
    const session = randomUUID();
    await load(api, batch(session, "w", 0, [`{\r\n  "type": 3,\n  "timestamp": ${T0},\n  "data": "a\\nb"\n}`]));
    const [line, ...more] = await ndjson(session);
    expect(more).toEqual([]);
    expect(JSON.parse(line ?? "")).toEqual({ type: 3, timestamp: T0, data: "a\nb" });
  });

  test("gzip, where it is asked for", async () => {
    const session = randomUUID();
    const payloads = recordedPage(T0, { count: 50 });
    await load(api, batch(session, "w", 0, payloads));
    for (const accept of ["application/json", "application/x-ndjson"]) {
      const plain = await api.get(eventsPath(session), { ...api.reader, accept });
      const zipped = await api.get(eventsPath(session), { ...api.reader, accept, "accept-encoding": "gzip" });
      expect(zipped.headers.get("content-encoding")).toBe("gzip");
      expect(gunzipSync(await zipped.arrayBuffer()).toString()).toBe(await plain.text());
    }
  });
});

describe("each event once", () => {
  test("several attempts, and copies in parts that nobody has merged yet", async () => {
    const session = randomUUID();
    const first = recordedPage(T0, { label: "first" });
    const second = recordedPage(T0 + 1_000, { label: "second" });
    const batches = [batch(session, "w", 0, first), batch(session, "w", 1, second)];
    await load(api, ...batches);
    await load(api, ...batches);
    await load(api, batch(session, "w", 1, second, T0 + 5_000));
    expect(await ndjson(session)).toEqual([...first, ...second]);
  });

  test("of several versions of a row the newest rules' one", async () => {
    const session = randomUUID();
    const raw = recordedPage(T0, { label: "4111 1111" });
    const redacted = raw.map((text) => text.replaceAll("4111 1111", "**** ****"));
    const sent = batch(session, "w", 0, raw);
    const [batchId] = await load(api, sent);
    await load(api, { ...batch(session, "w", 0, redacted), version: 2, batchId });
    await load(api, sent); // an old copy comes late, by a worker that knew the old rules
    expect(await ndjson(session)).toEqual(redacted);
  });
});

describe("in the order of play", () => {
  test("by seq and place, whatever the order of arrival and whatever the clock says", async () => {
    const session = randomUUID();
    const pages = [0, 1, 2, 3].map((seq) => recordedPage(T0 - seq * 10_000, { label: String(seq) }));
    for (const seq of [2, 0, 3, 1]) await load(api, batch(session, "w", seq, pages[seq] ?? [], T0 + 10 - seq));
    expect(await ndjson(session)).toEqual(pages.flat());
  });

  test("of two batches at one seq the first received plays", async () => {
    const session = randomUUID();
    const real = recordedPage(T0, { label: "real" });
    const forged = recordedPage(T0, { label: "forged" });
    const next = recordedPage(T0 + 1_000, { label: "next" });
    await load(api, batch(session, "w", 0, forged, T0 + 9), batch(session, "w", 1, next));
    await load(api, batch(session, "w", 0, real, T0 + 5));
    expect(await ndjson(session)).toEqual([...real, ...next]);
  });

  test("without window ids by time, then seq: each page of a visit begins at seq 0", async () => {
    const session = randomUUID();
    const pages = [0, 5_000].map((at) => [
      recordedPage(T0 + at, { label: `page at ${at}` }),
      recordedPage(T0 + at + 1_000, { label: `page at ${at}, more` }),
    ]);
    for (const [first = [], second = []] of pages.toReversed()) {
      await load(api, batch(session, "", 1, second), batch(session, "", 0, first));
    }
    expect(await ndjson(session)).toEqual(pages.flat(2));
  });

  test("windows follow one another by first event, and the answer lists them", async () => {
    const session = randomUUID();
    const [late, early] = [recordedPage(T0 + 5_000), recordedPage(T0)];
    await load(api, batch(session, "a,late", 0, late), batch(session, "b-early", 0, early));
    const answer = await api.get(eventsPath(session), api.reader);
    expect(answer.headers.get("x-rrhog-windows")).toBe("b-early,a%2Clate");
    expect(await ndjson(session)).toEqual([...early, ...late]);
    expect(await ndjson(session, "?window_id=a,late")).toEqual(late);
    expect((await api.get(eventsPath(session, "?window_id=none"), api.reader)).status).toBe(404);
  });
});

test("a session of hundreds of small batches, more than one query reads", async () => {
  const session = randomUUID();
  const payloads = Array.from({ length: 320 }, (_, n) => `{"type":3,"timestamp":${T0 + n},"data":${n}}`);
  await load(api, ...payloads.map((payload, seq) => batch(session, "w", seq, [payload])));
  expect(await ndjson(session)).toEqual(payloads);
  expect(await ndjson(session, "?limit=200")).toEqual(payloads.slice(0, 200));
});

describe("in pages", () => {
  const session = randomUUID();
  const sent: string[] = [];
  beforeAll(async () => {
    const batches = [];
    for (const [windowId, start] of [
      ["first", T0],
      ["", T0 + 100],
      ["third", T0 + 200],
    ] as const) {
      for (let seq = 0; seq < 7; seq++) {
        const page = recordedPage(start + seq * 1_000, { count: seq * 3, label: `${windowId} ${seq}` });
        sent.push(...page);
        batches.push(batch(session, windowId, seq, page));
      }
    }
    await load(api, ...batches);
  });

  test.each([3, 17, 1_000])("of %i, all together are the whole", async (limit) => {
    const events: unknown[] = [];
    let cursor = "";
    for (let pages = 0; ; pages++) {
      expect(pages).toBeLessThanOrEqual(Math.ceil(sent.length / limit));
      const answer = await api.get(eventsPath(session, `?limit=${limit}${cursor}`), api.reader);
      const page = (await answer.json()) as { events: unknown[]; next_cursor: string | null };
      expect(page.events.length).toBeLessThanOrEqual(limit);
      events.push(...page.events);
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(events).toEqual(sent.map((text) => JSON.parse(text)));
  });

  test("NDJSON goes on from a cursor, and ends at a limit", async () => {
    const answer = await api.get(eventsPath(session, "?limit=10"), api.reader);
    const { next_cursor } = (await answer.json()) as { next_cursor: string };
    expect(await ndjson(session, `?cursor=${next_cursor}`)).toEqual(sent.slice(10));
    expect(await ndjson(session, `?cursor=${next_cursor}&limit=25`)).toEqual(sent.slice(10, 35));
  });

  test("a batch that comes late before the cursor shifts nothing", async () => {
    const late = randomUUID();
    const [zero, one, two] = [0, 1, 2].map((n) => recordedPage(T0 + n * 1_000, { label: String(n) }));
    await load(api, batch(late, "w", 0, zero ?? []), batch(late, "w", 2, two ?? []));
    const page = (await (await api.get(eventsPath(late, "?limit=7"), api.reader)).json()) as { next_cursor: string };
    await load(api, batch(late, "w", 1, one ?? []));
    expect(await ndjson(late, `?cursor=${page.next_cursor}`)).toEqual(two?.slice(2));
  });

  test.each(["x", "e30", "W10", "WyJ3IiwtMSwiYSIsMCwwXQ", "%00", "A".repeat(600)])(
    "a made-up cursor is a 400: %s",
    async (cursor) => {
      const answer = await api.get(eventsPath(session, `?cursor=${cursor}`), api.reader);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path: "cursor" }] });
    },
  );
});

describe("by stretch of time", () => {
  const session = randomUUID();
  const pages = [0, 10_000, 20_000].map((at) => recordedPage(T0 + at, { count: 5, stepMs: 1_000, label: String(at) }));
  const [first = [], second = [], third = []] = pages;
  beforeAll(async () => {
    // The third page's Meta is the last event of its batch, its snapshot the first of the next.
    await load(
      api,
      batch(session, "w", 0, [...first, ...second.slice(0, 4)]),
      batch(session, "w", 1, [...second.slice(4), ...third.slice(0, 1)]),
      batch(session, "w", 2, third.slice(1)),
    );
  });

  test("begins at the last full snapshot at or before `from`, with the Meta before it", async () => {
    expect(await ndjson(session, "?from=9999")).toEqual(pages.flat());
    expect(await ndjson(session, "?from=10000")).toEqual([...second, ...third]);
    expect(await ndjson(session, "?from=15000")).toEqual([...second, ...third]);
  });

  test("also where the two came in different batches", async () => {
    expect(await ndjson(session, "?from=20000")).toEqual(third);
    expect(await ndjson(session, "?from=99999")).toEqual(third);
  });

  test("ends at `to`", async () => {
    expect(await ndjson(session, "?to=9999")).toEqual(first);
    expect(await ndjson(session, "?from=12000&to=13000")).toEqual(second.slice(0, 5));
  });

  test("goes on by cursor within it", async () => {
    const answer = await api.get(eventsPath(session, "?from=10000&to=19999&limit=3"), api.reader);
    const { next_cursor } = (await answer.json()) as { next_cursor: string };
    expect(await ndjson(session, `?from=10000&to=19999&cursor=${next_cursor}`)).toEqual(second.slice(3));
  });

  test("begins at the first event where the window has no snapshot by then", async () => {
    const bare = randomUUID();
    const mutations = recordedPage(T0).slice(2);
    await load(api, batch(bare, "w", 0, mutations));
    expect(await ndjson(bare, "?from=200")).toEqual(mutations);
  });
});

describe("kept by nobody without asking", () => {
  test("an unchanged session is a 304, a late batch makes it new", async () => {
    const session = randomUUID();
    await load(api, batch(session, "w", 0, recordedPage(T0)), batch(session, "v", 0, recordedPage(T0)));
    const answer = await api.get(eventsPath(session), api.reader);
    const etag = answer.headers.get("etag") ?? "";
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");

    const again = await api.get(eventsPath(session), { ...api.reader, "if-none-match": `"other", ${etag}` });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    const asLines = { ...api.reader, "if-none-match": etag, accept: "application/x-ndjson" };
    expect((await api.get(eventsPath(session), asLines)).status).toBe(200);

    const ofV = (await api.get(eventsPath(session, "?window_id=v"), api.reader)).headers.get("etag") ?? "";
    await load(api, batch(session, "w", 1, recordedPage(T0 + 1_000)));
    expect((await api.get(eventsPath(session), { ...api.reader, "if-none-match": etag })).status).toBe(200);
    const v = await api.get(eventsPath(session, "?window_id=v"), { ...api.reader, "if-none-match": ofV });
    expect(v.status).toBe(304);
  });

  test("what was deleted or redacted is new, too: the session's epoch counts", async () => {
    const session = randomUUID();
    await load(api, batch(session, "w", 0, recordedPage(T0)));
    const etag = (await api.get(eventsPath(session), api.reader)).headers.get("etag") ?? "";
    await api.sql`UPDATE sessions_meta SET epoch = epoch + 1 WHERE session_id = ${session}`;
    expect((await api.get(eventsPath(session), { ...api.reader, "if-none-match": etag })).status).toBe(200);
  });

  test("an expired session is gone from every read", async () => {
    const session = randomUUID();
    await load(api, batch(session, "w", 0, recordedPage(T0)));
    await api.sql`UPDATE sessions_meta SET first_received_at = now() - interval '91 days' WHERE session_id = ${session}`;
    for (const path of ["", "/events", "/ledger", "/timeline"]) {
      expect((await api.get(`/v1/projects/1/sessions/${session}${path}`, api.reader)).status).toBe(404);
    }
    expect((await api.get(`/replay?session_id=${session}`, api.reader)).status).toBe(404);
  });
});
