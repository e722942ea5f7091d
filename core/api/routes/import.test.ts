import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayElements, findMember } from "#protocol/json-scan.ts";
import { importNext } from "../../worker/imports.ts";
import { runMessages } from "../../worker/testing/run-messages.ts";
import { Intake } from "../import/intake.ts";
import { InflatedParts } from "../import/posthog-parts.ts";
import { deleteSessions } from "../queries/deletions.ts";
import { readBody, spoolBody } from "../read-body.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

const RECORDINGS = new URL("../../../test/recordings/", import.meta.url);
const DAY_MS = 86_400_000;

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
  await api.sql`INSERT INTO memberships (project_id, user_id, role) SELECT ${OTHER.id}, id, 'member' FROM users`;
});
afterAll(() => api.drop());

interface Imported {
  import_id: string;
  session_id: string;
  events: number;
  batches_left: number;
}
const post = (body: string | Uint8Array<ArrayBuffer>, { project = 1, headers = owner } = {}) =>
  api.request(`/v1/projects/${project}/import`, { method: "POST", headers, body });
const bring = async (body: string | Uint8Array<ArrayBuffer>, project = 1) => {
  const answer = await post(body, { project });
  expect(answer.status).toBe(202);
  const imported = (await answer.json()) as Imported;
  await loadAll();
  return imported;
};
/** What the worker does. */
async function loadAll() {
  const drive = async ({ data }: { data: Uint8Array }) => void (await runMessages(api, [data]));
  while (await importNext({ sql: api.sql, drive, log: pino({ level: "silent" }) }));
}
const read = (project: number, session: string, rest: string, accept = "application/json") =>
  api.get(`/v1/projects/${project}/sessions/${session}${rest}`, { ...owner, accept });
const lines = async (project: number, session: string) =>
  (await (await read(project, session, "/events", "application/x-ndjson")).text()).split("\n").slice(0, -1);
const slices = (text: Buffer) => {
  const array = findMember(text, "events") ?? { start: 0, end: text.length };
  return (arrayElements(text, array) ?? []).map(({ start, end }) => text.toString("utf8", start, end));
};
const recording = async (name: string) => gunzipSync(await readFile(new URL(name, RECORDINGS)));

describe("a recording of rrweb events", () => {
  test("comes back as it was in the file, whole, in another project after an export as well", async () => {
    const file = await recording("patchwork.json.gz");
    const { session_id, events } = await bring(new Uint8Array(gzipSync(file)));
    const sent = slices(file);
    expect(events).toBe(sent.length);
    expect(await lines(1, session_id)).toEqual(sent);
    expect(await (await read(1, session_id, "/ledger")).json()).toMatchObject({ complete: true, why: null });

    const exported = await (await read(1, session_id, "/export")).text();
    const copy = await bring(exported, OTHER.id);
    expect(copy.session_id).not.toBe(session_id);
    expect(await lines(OTHER.id, copy.session_id)).toEqual(sent);
  });

  test("is the same session when it comes again, and once", async () => {
    const file = JSON.stringify({ events: recordedPage(Date.now() - 1_000).map((text) => JSON.parse(text)) });
    const first = await bring(file);
    const again = await post(file);
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ import_id: first.import_id, session_id: first.session_id });
    await loadAll();
    const ledger = await (await read(1, first.session_id, "/ledger")).json();
    expect(ledger).toMatchObject({ windows: [{ received: [[0, 0]], duplicates: 0 }] });
  });

  test("of long ago keeps its times in playback, and its length in the list", async () => {
    const T0 = Date.UTC(2021, 4, 1);
    const payloads = recordedPage(T0, { count: 5, stepMs: 1_000 });
    const { session_id } = await bring(`[${payloads.join(",")}]`);
    expect(await lines(1, session_id)).toEqual(payloads);
    expect(await (await read(1, session_id, "")).json()).toMatchObject({ start_ts: T0, duration_ms: 5_000 });
  });

  test("of last week is listed in last week", async () => {
    const T0 = Date.now() - 7 * DAY_MS;
    const { session_id } = await bring(`[${recordedPage(T0).join(",")}]`);
    expect(await (await read(1, session_id, "")).json()).toMatchObject({ started_at: new Date(T0).toISOString() });
  });

  test("that was deleted stays deleted", async () => {
    const file = `[${recordedPage(Date.now() - 5_000).join(",")}]`;
    const { session_id } = await bring(file);
    const [person] = await api.sql<{ id: string }[]>`SELECT id FROM users LIMIT 1`;
    await deleteSessions(api.sql, 1, [session_id], person?.id ?? "");
    const again = await post(file);
    expect(again.status).toBe(410);
    expect(await again.json()).toMatchObject({ code: "session_deleted" });
  });
});

test("a recording of a person who was deleted later is refused, and one of their time after that is not", async () => {
  const of = (from: number) =>
    JSON.stringify({
      events: recordedPage(from).map((text) => JSON.parse(text)),
      windows: [{ window_id: "w", batches: [{ seq: 0, event_count: 5, user_id: "gone" }] }],
    });
  const now = Date.now();
  await api.sql`INSERT INTO tombstones (project_id, user_id, before) VALUES (1, 'gone', ${new Date(now - DAY_MS)})`;
  const answer = await post(of(now - 2 * DAY_MS));
  expect(answer.status).toBe(410);
  expect(await answer.json()).toMatchObject({ code: "session_deleted", detail: expect.stringContaining("a person") });
  expect((await post(of(now - 2 * DAY_MS), { project: OTHER.id })).status).toBe(202);
  await bring(of(now - 3_000));
});

test("one file of a project is taken at a time, and another project's beside it", async () => {
  const more = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const slow = Readable.toWeb(
    Readable.from(
      (async function* () {
        yield Buffer.from("[");
        begun.resolve();
        await more.promise;
        yield Buffer.from(`${recordedPage(Date.now() - 4_000, { label: "slow" }).join(",")}]`);
      })(),
    ),
  ) as ReadableStream<Uint8Array<ArrayBuffer>>;
  const init = { method: "POST", headers: owner, body: slow, duplex: "half" } as RequestInit;
  const first = api.request("/v1/projects/1/import", init);
  await begun.promise;
  const refused = await post(`[${recordedPage(Date.now() - 4_000).join(",")}]`);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("5");
  expect((await post(`[${recordedPage(Date.now() - 4_000).join(",")}]`, { project: OTHER.id })).status).toBe(202);
  more.resolve();
  expect((await first).status).toBe(202);
});

describe("a session's export", () => {
  test("brings its windows, people, places and its ledger with what is missing", async () => {
    const T0 = Date.now() - DAY_MS;
    const sessionId = randomUUID();
    const of = (windowId: string, seq: number, at: number, row: object = {}) => ({
      projectId: 1,
      sessionId,
      windowId,
      seq,
      payloads: recordedPage(T0 + at, { label: `${windowId}${seq}` }).map((text, i) =>
        i === 2 ? text.replace('"i":0', '"i" : 0.0') : text,
      ),
      receivedAt: T0 + at,
      row,
    });
    const dropped = [{ from: 1, to: 1, reason: "storage_full" }];
    await load(
      api,
      of("a", 0, 0, { sealed_through: 0, user_id: "u-1", user_email: "jo@example.com", release: "r9" }),
      of("a", 2, 5_000, { sealed_through: 3, dropped, is_end: true }),
      of("b", 0, 2_000, { sealed_through: 0, is_end: true }),
      of("", 0, 3_000),
      of("", 0, 4_000),
    );
    const exported = await (await read(1, sessionId, "/export")).text();
    expect(JSON.parse(exported)).toMatchObject({ version: 1, session: { session_id: sessionId }, ledger: {} });
    const { session_id } = await bring(exported, OTHER.id);
    expect(await lines(OTHER.id, session_id)).toEqual(await lines(1, sessionId));
    const ledger = async (project: number, id: string) => {
      const told = (await (await read(project, id, "/ledger")).json()) as { windows: object[] };
      return { ...told, windows: told.windows.map((window) => ({ ...window, last_received_at: null })) };
    };
    expect(await ledger(OTHER.id, session_id)).toEqual(await ledger(1, sessionId));
    const summary = await (await read(OTHER.id, session_id, "")).json();
    expect(summary).toMatchObject({ user_id: "u-1", user_email: "jo@example.com", country: "DE", browser: "Firefox" });
  });

  test("is an attachment, and another project's is not there", async () => {
    const { session_id } = await bring(`[${recordedPage(Date.now() - 9_000).join(",")}]`);
    const answer = await read(1, session_id, "/export");
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="session-${session_id}.json"`);
    expect((await read(OTHER.id, session_id, "/export")).status).toBe(404);
    expect((await read(1, session_id, "/export?format=pdf")).status).toBe(400);
  });
});

describe("PostHog's export", () => {
  const T0 = Date.now() - 60_000;
  const meta = { type: 4, timestamp: T0, data: { href: "https://shop.example/", width: 800, height: 600 } };
  const full = { type: 2, timestamp: T0 + 1, data: { node: { type: 0, id: 1, childNodes: [] }, initialOffset: {} } };
  const change = {
    type: 3,
    timestamp: T0 + 2,
    data: { source: 0, texts: [{ id: 1, value: "über" }], attributes: [], removes: [], adds: [] },
  };
  const packed = (value: unknown) => gzipSync(JSON.stringify(value)).toString("latin1");
  const person = { distinct_ids: ["visitor-1"], properties: { email: "jo@example.com" } };

  test("of 2023-04-28 gives its windows and its person", async () => {
    const snapshots = [meta, full, change].map((event) => ({ windowId: "w-1", ...event }));
    const other = [meta, full].map((event) => ({ windowId: 2, ...event, timestamp: event.timestamp + 500 }));
    const data = { id: "abc", person, snapshots: [...snapshots, ...other] };
    const { session_id } = await bring(JSON.stringify({ version: "2023-04-28", data }));
    expect((await lines(1, session_id)).map((line) => JSON.parse(line))).toEqual(data.snapshots);
    expect(await (await read(1, session_id, "")).json()).toMatchObject({
      user_id: "visitor-1",
      user_email: "jo@example.com",
      windows: [{ window_id: "w-1" }, { window_id: "2" }],
    });
  });

  test("with compressed parts gives what was in them", async () => {
    const snapshots = [
      { windowId: "w", ...meta },
      { windowId: "w", ...full, data: packed(full.data), cv: "2024-10" },
      { windowId: "w", ...change, data: { ...change.data, texts: packed(change.data.texts) }, cv: "2024-10" },
    ];
    const { session_id } = await bring(JSON.stringify({ version: "2023-04-28", data: { id: "x", snapshots } }));
    expect((await lines(1, session_id)).map((line) => JSON.parse(line))).toEqual(
      [meta, full, change].map((event) => ({ windowId: "w", ...event })),
    );
  });

  test("of 2022-12-02 gives its windows", async () => {
    const moved = [meta, full].map((event) => ({ ...event, timestamp: event.timestamp + 700 }));
    const data = { person: null, snapshotsByWindowId: { one: [meta, full, change], two: moved } };
    const { session_id } = await bring(JSON.stringify({ version: "2022-12-02", data }));
    expect((await lines(1, session_id)).map((line) => JSON.parse(line))).toEqual([meta, full, change, ...moved]);
  });

  test("compressed in another way is refused with its place", async () => {
    const data = { snapshots: [{ ...full, cv: "2030-01" }] };
    const answer = await post(JSON.stringify({ version: "2023-04-28", data }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path: "data.snapshots.0" }] });
  });
});

describe("what is no recording", () => {
  const event = `{"type":4,"timestamp":1}`;
  test.each([
    ["nothing", "", ""],
    ["no JSON", "hello", ""],
    ["an object without events", "{}", ""],
    ["no events", "[]", "events"],
    ["an event that is no JSON", `[${event},{"type":]`, "events"],
    ["an event that is cut off", `[${event},{"type":1,"timestamp":tru}]`, "events.1"],
    ["an event without a time", `{"events":[${event},{"type":3}]}`, "events.1.timestamp"],
    ["an event of no type", `[{"type":-1,"timestamp":1}]`, "events.0.type"],
    ["a deep event", `[{"type":3,"timestamp":1,"data":${"[".repeat(3_000)}${"]".repeat(3_000)}}]`, "events.0"],
    ["windows of other events", `{"events":[${event}],"windows":[]}`, "windows"],
    ["windows of no form", `{"events":[${event}],"windows":[{"window_id":"a b","batches":[]}]}`, "windows.0.window_id"],
    ["PostHog's without snapshots", `{"version":"2023-04-28","data":{}}`, "data"],
    ["PostHog's with a snapshot that is none", `{"version":"2023-04-28","data":{"snapshots":[1]}}`, "data.snapshots.0"],
  ])("%s", async (_, body, path) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { code: string; issues: { path: string }[] };
    expect(problem.code).toBe("body_malformed");
    expect(problem.issues[0]?.path).toBe(path);
    expect(await api.sql`SELECT FROM imported_batches`).toHaveLength(0);
  });

  test("half a gzip, and other bytes than text", async () => {
    const whole = gzipSync(`[${recordedPage(0).join(",")}]`);
    expect((await post(new Uint8Array(whole.subarray(0, whole.length - 20)))).status).toBe(400);
    expect((await post(new Uint8Array([0x5b, 0xff, 0x5d]))).status).toBe(400);
  });

  test("a file waits on disk as it is in memory", async () => {
    const text = Buffer.from("[1.0, 2]\n".repeat(50_000));
    for (const sent of [text, gzipSync(text)]) {
      const file = await spoolBody(Readable.from([sent.subarray(0, 7), sent.subarray(7)]), text.length);
      expect(text.equals(await file.read())).toBe(true);
      await file.close();
    }
  });

  test("more than the limit once inflated is left as soon as it is", async () => {
    let taken = 0;
    async function* bomb() {
      const zeros = gzipSync(Buffer.alloc(1_000_000));
      for (taken = 0; taken < zeros.length; taken += 100) yield zeros.subarray(taken, taken + 100);
    }
    await expect(readBody(bomb(), 10_000)).rejects.toMatchObject({ code: "body_too_large" });
    await expect(spoolBody(bomb(), 10_000)).rejects.toMatchObject({ code: "body_too_large" });
    await expect(readBody(bomb(), 10_000_000)).resolves.toBeInstanceOf(Uint8Array);
  });
});

describe("a file made to cost", () => {
  const event = `{"type":4,"timestamp":1}`;
  const posthog = (data: string) => `{"version":"2023-04-28","data":${data}}`;
  const repeated = (text: string, times: number) => Array.from({ length: times }, () => text).join(",");
  const refused = async (body: string | Uint8Array<ArrayBuffer>, status = 400) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    const problem = (await answer.json()) as { issues?: { path: string; message: string }[] };
    return problem.issues?.[0];
  };

  test("of a hundred thousand windows is left after the most that a recording has", async () => {
    const windows = Array.from({ length: 100_000 }, (_, i) => `"w${i}":[]`).join(",");
    expect(await refused(posthog(`{"snapshotsByWindowId":{${windows}}}`))).toEqual({
      path: "data.snapshotsByWindowId",
      message: "more than 1000 members",
    });
    const named = Array.from({ length: 2_000 }, (_, i) => `{"type":4,"timestamp":1,"windowId":"w${i}"}`).join(",");
    expect(await refused(posthog(`{"snapshots":[${named}]}`))).toEqual({
      path: "data.snapshots.1000",
      message: "more than 1000 windows",
    });
  });

  test("of a million members is left as well", async () => {
    expect(await refused(`{${repeated('"a":0', 1_000_000)}}`)).toEqual({ path: "", message: "more than 1000 members" });
  });

  test("of more events than a recording has is left at the first that is too many", () => {
    const intake = new Intake(2);
    const take = (i: number) => intake.take({ type: 4, timestamp: i }, `events.${i}`);
    take(0);
    take(1);
    expect(() => take(2)).toThrow(
      expect.objectContaining({ extra: { issues: [expect.objectContaining({ path: "events.2" })] } }),
    );
  });

  test("of millions of things that are no events is left at the first", async () => {
    expect(await refused(`[${repeated("0", 2_000_000)}]`)).toMatchObject({ path: "events.0" });
  });

  test("of more batches than can be written down", async () => {
    const batch = `{"seq":0,"event_count":1}`;
    const windows = `[{"window_id":"a","batches":[${repeated(batch, 100_001)}]}]`;
    expect(await refused(`{"events":[${event}],"windows":${windows}}`)).toEqual({
      path: "windows",
      message: "too many batches",
    });
  });

  test("with a part that nests too deep for any parser", async () => {
    const deep = gzipSync("[".repeat(200_000) + "]".repeat(200_000)).toString("latin1");
    const change = { type: 3, timestamp: 2, data: { source: 0, adds: deep }, cv: "2024-10" };
    expect(await refused(posthog(JSON.stringify({ snapshots: [change] })))).toMatchObject({
      path: "data.snapshots.0",
      message: "deeper than 2000 levels",
    });
  });

  test("with a part that inflates to more than an event may be", async () => {
    const bomb = gzipSync(`"${" ".repeat(40 * 1024 * 1024)}"`).toString("latin1");
    const change = { type: 3, timestamp: 2, data: { source: 0, adds: bomb }, cv: "2024-10" };
    expect(await refused(posthog(JSON.stringify({ snapshots: [change] })))).toMatchObject({ path: "data.snapshots.0" });
  });

  test("with parts that inflate together to more than a file may", async () => {
    const packed = (text: string) => gzipSync(text).toString("latin1");
    const change = (text: string) => ({ type: 3, timestamp: 2, data: { adds: packed(text) }, cv: "2024-10" });
    const parts = new InflatedParts(1_000);
    expect(await parts.inflate(change(`[${" ".repeat(600)}]`), "0")).toMatchObject({ event: { data: { adds: [] } } });
    await expect(parts.inflate(change(`[${" ".repeat(600)}]`), "1")).rejects.toMatchObject({ code: "body_too_large" });
    const written = new InflatedParts(1_000);
    await expect(written.inflate(change(`[${repeated("1e20", 100)}]`), "0")).rejects.toMatchObject({
      code: "body_too_large",
    });
  });
});

describe("who may bring recordings", () => {
  const file = `[${recordedPage(Date.now() - 3_000, { label: "rights" }).join(",")}]`;

  test("not a viewer, not a key", async () => {
    await api.sql`UPDATE memberships SET role = 'viewer' WHERE project_id = 1`;
    expect((await post(file)).status).toBe(403);
    await api.sql`UPDATE memberships SET role = 'owner' WHERE project_id = 1`;
    expect((await post(file, { headers: api.reader })).status).toBe(403);
  });

  test("and how far an import is, is told in its own project", async () => {
    const answer = await post(file);
    const { import_id } = (await answer.json()) as Imported;
    const state = async (project: number) => api.get(`/v1/projects/${project}/import/${import_id}`, owner);
    expect(await (await state(1)).json()).toMatchObject({ batches: 1, batches_left: 1 });
    await loadAll();
    expect(await (await state(1)).json()).toMatchObject({ batches: 1, batches_left: 0 });
    expect((await state(OTHER.id)).status).toBe(404);
  });
});
