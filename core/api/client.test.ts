import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiClient, personAt } from "./client.ts";
import { startTestApi, type TestApi } from "./testing/api.ts";
import { load, recordedPage } from "./testing/recording.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

test("the typed client signs in, lists, and reads a recording page by page", async () => {
  const T0 = Date.now() - 86_400_000;
  const payloads = recordedPage(T0, { count: 8 });
  const session_id = randomUUID();
  await load(api, { projectId: 1, sessionId: session_id, windowId: "w", seq: 0, payloads, receivedAt: T0 });

  const anonymous = createApiClient("http://api.test", async (input, init) => api.request(String(input), init));
  const signedIn = await anonymous.v1.auth.demo.$post();
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const client = createApiClient("http://api.test", async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("cookie", cookie);
    return api.request(String(input), { ...init, headers });
  });

  const project = client.v1.projects[":project_id"];
  const list = await project.sessions.$get({ param: { project_id: "1" }, query: { limit: "5" } });
  if (!list.ok) throw new Error((await list.json()).code);
  expect((await list.json()).sessions.map((session) => session.session_id)).toEqual([session_id]);

  const timestamps: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const param = { project_id: "1", session_id };
    const page = await project.sessions[":session_id"].events.$get({ param, query: { limit: "4", cursor } });
    if (page.status !== 200) throw new Error(`${page.status}`);
    const { events, next_cursor } = await page.json();
    timestamps.push(...events.map(({ timestamp }) => timestamp));
    cursor = next_cursor;
  }
  expect(timestamps).toEqual(payloads.map((text) => JSON.parse(text).timestamp));

  const refused = await anonymous.v1.projects.$get();
  if (refused.ok) throw new Error("nobody may list projects");
  expect((await refused.json()).code).toBe("not_signed_in");
});

test.each(["x/../bob", "bob/data?", "a b#c", "100%"])("a parameter stands for itself: %s", async (user_id) => {
  const asked: string[] = [];
  const client = createApiClient("http://api.test", async (input) => {
    asked.push(new URL(String(input)).pathname);
    return new Response("{}");
  });
  await client.v1.projects[":project_id"].users[":user_id"].data.$get({
    param: { project_id: "1", user_id },
    query: {},
  });
  expect(asked).toEqual([`/v1/projects/1/users/${encodeURIComponent(user_id)}/data`]);
});

test.each([".", "..", ""])(
  "a parameter that no path holds is not sent: “%s” would be another address",
  async (user_id) => {
    const asked: string[] = [];
    const client = createApiClient("http://api.test", async (input) => {
      asked.push(String(input));
      return new Response("{}");
    });
    const { data } = client.v1.projects[":project_id"].users[":user_id"];
    expect(() => data.$get({ param: { project_id: "1", user_id }, query: {} })).toThrow(TypeError);
    await data.$get(personAt("1", user_id));
    expect(asked).toEqual([`http://api.test/v1/projects/1/users/-/data?user_id=${user_id}`]);
  },
);
