import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import { onSessionChanged } from "#core/store/postgres/session-changes.ts";
import { claimSessions } from "#core/store/postgres/sessions-meta.ts";
import { secretHash } from "../secret-hash.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { type BatchFixture, load, recordedPage } from "../testing/recording.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

const batch = (sessionId: string, seq: number, more: Partial<BatchFixture> = {}): BatchFixture => ({
  projectId: 1,
  sessionId,
  windowId: "w",
  seq,
  payloads: mutations(String(seq)),
  receivedAt: Date.now(),
  ...more,
});

const snapshot = (label = "") => recordedPage(Date.now(), { label });
const mutations = (label: string) => recordedPage(Date.now(), { label }).slice(2);

interface Message {
  id: string;
  event: string;
  data: { window_id?: string; seq?: number; events?: unknown[]; why?: string };
  text: string;
}

/** A stream of server-sent events, read as a browser reads it. */
async function watchLive(sessionId: string, headers: Record<string, string> = api.reader, query = "") {
  const answer = await api.get(`/v1/projects/1/sessions/${sessionId}/live${query}`, headers);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const utf8 = new TextDecoder();
  let text = "";
  const next = async (): Promise<Message> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end === -1) {
        const { done, value } = await reader.read();
        if (done) throw new Error("the stream has ended");
        text += utf8.decode(value, { stream: true });
        continue;
      }
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      text = text.slice(end + 2);
      const { id = "", event = "", data = "" } = fields;
      if (event !== "") return { id, event, data: JSON.parse(data), text: data };
    }
  };
  return { next, leave: () => reader.cancel() };
}

const eventsOf = (payloads: readonly string[]) => payloads.map((text) => JSON.parse(text));

describe("sessions in progress", () => {
  const list = async (query = "") => {
    const answer = await api.get(`/v1/projects/1/live${query}`, api.reader);
    expect(answer.status).toBe(200);
    const { sessions } = (await answer.json()) as { sessions: { session_id: string }[] };
    return sessions.map(({ session_id }) => session_id);
  };

  test("are those that something came of lately and that have not ended, the latest first", async () => {
    const [first, second, ended, silent, theirs] = [0, 1, 2, 3, 4].map(() => randomUUID()) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const now = Date.now();
    await load(api, batch(first, 0, { receivedAt: now - 5_000 }));
    await load(api, batch(second, 0, { receivedAt: now - 1_000 }));
    await load(api, batch(ended, 0, { receivedAt: now, row: { is_end: true } }));
    await load(api, batch(silent, 0, { receivedAt: now - 120_000 }));
    await load(api, batch(theirs, 0, { projectId: OTHER.id }));
    const mine = new Set([first, second, ended, silent, theirs]);
    expect((await list()).filter((id) => mine.has(id))).toEqual([second, first]);
    await load(api, batch(first, 1));
    expect((await list()).filter((id) => mine.has(id))).toEqual([first, second]);
    expect(await list("?limit=1")).toHaveLength(1);
  });

  test.each(["0", "x", "201", "-1"])("limit=%s is a 400 that names it", async (limit) => {
    const answer = await api.get(`/v1/projects/1/live?limit=${limit}`, api.reader);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path: "limit" }] });
  });
});

describe("one session's new events", () => {
  test("begin at the last full snapshot, and come batch by batch, each once", async () => {
    const session = randomUUID();
    const page = snapshot("page");
    await load(api, batch(session, 0, { payloads: snapshot("before") }), batch(session, 1));
    const before = mutations("before the page");
    await load(api, batch(session, 2, { payloads: [...before, ...page] }));

    const live = await watchLive(session);
    expect((await live.next()).data).toEqual({ window_id: "w", seq: 2, events: eventsOf(page) });
    for (const seq of [3, 4]) {
      const next = live.next();
      const sent = batch(session, seq);
      await load(api, sent);
      await load(api, sent); // a copy
      expect((await next).data).toEqual({ window_id: "w", seq, events: eventsOf(sent.payloads) });
    }
    await live.leave();
  });

  test("are the bytes that were sent, in one line", async () => {
    const session = randomUUID();
    await load(api, batch(session, 0, { payloads: [`{"b":1.0,"type":3,\n"timestamp":${Date.now()},"z":"\\n-0"}`] }));
    const live = await watchLive(session);
    expect((await live.next()).text).toMatch(/"events":\[{"b":1\.0,"type":3, "timestamp":\d+,"z":"\\n-0"}\]}$/);
    await live.leave();
  });

  test.each(["header", "parameter"])("go on from the last id, in a %s, without loss or doubling", async (where) => {
    const session = randomUUID();
    const windowless = (seq: number, payloads: string[]) => batch(session, seq, { windowId: "", payloads });
    const t0 = Date.now();
    const early = recordedPage(t0);
    await load(api, batch(session, 0, { payloads: snapshot() }), windowless(0, early), batch(session, 2));
    const live = await watchLive(session);
    const given = [await live.next(), await live.next(), await live.next()];
    await live.leave();
    const place = ({ data }: Message) => `${data.window_id} ${data.seq}`;
    expect(given.map(place).sort()).toEqual([" 0", "w 0", "w 2"]);

    // while nobody watches: a late one, one at a seq that was given, and more of both windows
    const rival = mutations("rival");
    await load(api, batch(session, 1), batch(session, 3), batch(session, 2, { payloads: rival }));
    await load(api, windowless(1, recordedPage(t0 + 60_000)));
    const id = given.at(-1)?.id ?? "";
    const headers = where === "header" ? { ...api.reader, "last-event-id": id } : api.reader;
    const again = await watchLive(session, headers, where === "header" ? "" : `?cursor=${id}`);
    const rest = [await again.next(), await again.next(), await again.next()];
    expect(rest.map(place).sort()).toEqual([" 1", "w 1", "w 3"]);
    const next = again.next();
    await load(api, batch(session, 4));
    expect(place(await next)).toBe("w 4");
    await again.leave();
  });

  test("come to each of several watchers", async () => {
    const session = randomUUID();
    await load(api, batch(session, 0, { payloads: snapshot() }));
    const watchers = await Promise.all([1, 2, 3].map(() => watchLive(session)));
    await Promise.all(watchers.map((watcher) => watcher.next()));
    const next = watchers.map((watcher) => watcher.next());
    await load(api, batch(session, 1));
    expect((await Promise.all(next)).map(({ data }) => data.seq)).toEqual([1, 1, 1]);
    await Promise.all(watchers.map((watcher) => watcher.leave()));
  });
});

test("whoever listens is told of a session when its facts are written, and not before", async () => {
  const session = randomUUID();
  const heard: SessionKey[] = [];
  onSessionChanged(api.sql, (changed) => heard.push(changed));
  await expect
    .poll(
      async () => {
        await load(api, batch(randomUUID(), 0));
        return heard.length;
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(0);
  await claimSessions(api.sql, [
    { project_id: 1, session_id: session, first_received_at: Date.now(), clock_offset_ms: 0 },
  ]);
  await load(api, batch(randomUUID(), 0, { projectId: OTHER.id }));
  await expect.poll(() => heard.at(-1)?.project_id, { timeout: 30_000 }).toBe(OTHER.id);
  expect(heard.map(({ session_id }) => session_id)).not.toContain(session);
  await load(api, batch(session, 0));
  await expect.poll(() => heard.at(-1), { timeout: 30_000 }).toEqual({ project_id: 1, session_id: session });
});

describe("a stream ends", () => {
  const ending = { event: "end" };

  test("with the session", async () => {
    const session = randomUUID();
    await load(api, batch(session, 0, { payloads: snapshot() }));
    const live = await watchLive(session);
    await live.next();
    const last = live.next();
    await load(api, batch(session, 1, { row: { is_end: true } }));
    expect((await last).data.seq).toBe(1);
    expect(await live.next()).toMatchObject({ ...ending, data: { why: "ended" } });
    await expect(live.next()).rejects.toThrow("ended");
    const again = await watchLive(session);
    expect(await again.next()).toMatchObject({ ...ending, data: { why: "ended" } });
    await again.leave();
  });

  test("when the session is deleted; then there is none", async () => {
    const session = randomUUID();
    await load(api, batch(session, 0, { payloads: snapshot() }));
    const live = await watchLive(session);
    await live.next();
    const last = live.next();
    const headers = await api.signIn();
    await api.request(`/v1/projects/1/sessions/${session}`, { method: "DELETE", headers });
    expect(await last).toMatchObject({ ...ending, data: { why: "deleted" } });
    await live.leave();
    expect((await api.get(`/v1/projects/1/sessions/${session}/live`, api.reader)).status).toBe(404);
  });

  test("when the caller's right does", async () => {
    const key = `read_${randomUUID()}`;
    await api.sql`INSERT INTO project_keys ${api.sql({ key_hash: secretHash(key), project_id: 1, kind: "read", prefix: "gone" })}`;
    const session = randomUUID();
    await load(api, batch(session, 0, { payloads: snapshot() }));
    const byKey = await watchLive(session, { authorization: `Bearer ${key}` });
    const person = await api.signIn();
    const byPerson = await watchLive(session, person);
    await Promise.all([byKey.next(), byPerson.next()]);
    const last = Promise.all([byKey.next(), byPerson.next()]);
    await api.sql`UPDATE project_keys SET revoked_at = now() WHERE key_hash = ${secretHash(key)}`;
    await api.request("/v1/auth/sign-out", { method: "POST", headers: person });
    for (const message of await last) expect(message).toMatchObject({ ...ending, data: { why: "not_permitted" } });
    await Promise.all([byKey.leave(), byPerson.leave()]);
  });
});

test("of one caller so many streams are open at once, and no more", async () => {
  const session = randomUUID();
  await load(api, batch(session, 0, { payloads: snapshot() }));
  const open = await Promise.all(Array.from({ length: 20 }, () => watchLive(session)));
  const refused = await api.get(`/v1/projects/1/sessions/${session}/live`, api.reader);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("10");
  expect(await refused.json()).toMatchObject({ code: "too_many_requests" });
  await open[0]?.leave();
  const another = await watchLive(session);
  await Promise.all([...open.slice(1), another].map((live) => live.leave()));
});

test("who asks for a stream's headers alone opens none", async () => {
  const session = randomUUID();
  await load(api, batch(session, 0, { payloads: snapshot() }));
  const path = `/v1/projects/1/sessions/${session}/live`;
  for (let asked = 0; asked < 25; asked++) {
    const answer = await api.request(path, { method: "HEAD", headers: api.reader });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
  }
  const live = await watchLive(session);
  await live.leave();
});

test.each(["x", "e30", "W10", "W1tbInciLFtbLTEsMF1dXV0sbnVsbF0", "%00", "A".repeat(7_000)])(
  "a made-up cursor is a 400 that names it (%#)",
  async (cursor) => {
    const session = randomUUID();
    await load(api, batch(session, 0));
    const path = `/v1/projects/1/sessions/${session}/live`;
    const answer = await api.get(`${path}?cursor=${cursor}`, api.reader);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path: "cursor" }] });
    const byHeader = await api.get(path, { ...api.reader, "last-event-id": cursor });
    expect(byHeader.status).toBe(400);
    expect(await byHeader.json()).toMatchObject({ issues: [{ path: "last-event-id" }] });
  },
);
