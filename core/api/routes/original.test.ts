import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;
const SESSION = randomUUID();
const payloads = [0, 1, 2].map((n) => recordedPage(T0 + n * 1_000, { label: String(n) }));

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  for (const seq of [2, 0, 1]) {
    const page = payloads[seq] ?? [];
    await load(api, { projectId: 1, sessionId: SESSION, windowId: "", seq, payloads: page, receivedAt: T0 });
  }
});
afterAll(() => api.drop());

test("GET /sessions lists what GET /replay plays", async () => {
  const answer = await api.get("/sessions?read_key=dev_read_123&limit=1");
  expect(await answer.json()).toMatchObject({
    sessions: [
      {
        session_id: SESSION,
        started_at: new Date(T0).toISOString(),
        user_id: null,
        ua: expect.stringContaining("Firefox"),
      },
    ],
  });
  const replay = await api.get(`/replay?session_id=${SESSION.toUpperCase()}&read_key=dev_read_123`);
  expect(await replay.json()).toEqual({ session_id: SESSION, events: payloads.flat().map((text) => JSON.parse(text)) });
});

test("the key may come as Bearer instead", async () => {
  expect((await api.get("/sessions", api.reader)).status).toBe(200);
  expect((await api.get(`/replay?session_id=${SESSION}`, api.reader)).status).toBe(200);
});

test.each([
  ["no key", "", 401],
  ["an empty key", "read_key=", 401],
  ["a key of nobody", "read_key=nobody", 401],
  ["a write key", "read_key=dev_write_123", 403],
])("%s reads nothing", async (_, key, status) => {
  expect((await api.get(`/sessions?${key}`)).status).toBe(status);
  expect((await api.get(`/replay?session_id=${SESSION}&${key}`)).status).toBe(status);
});

test("another project's key does not find the session", async () => {
  expect(await (await api.get("/sessions?read_key=other_read_456")).json()).toEqual({ sessions: [] });
  expect((await api.get(`/replay?session_id=${SESSION}&read_key=other_read_456`)).status).toBe(404);
});
