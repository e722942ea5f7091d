import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, type TestApi } from "./testing/api.ts";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi({ UI_URL: "https://replay.example.com" });
  owner = await api.signIn();
});
afterAll(() => api.drop());
beforeEach(() => api.sql`DELETE FROM audit_log`);

const rename = (headers: Record<string, string>) =>
  api.request("/v1/projects/1", {
    method: "PATCH",
    headers: { ...owner, host: "api.example.com", "content-type": "application/json", ...headers },
    body: JSON.stringify({ name: "Renamed" }),
  });

test.each([
  [{ origin: "https://evil.example" }],
  [{ origin: "https://other.example.com" }],
  [{ origin: "http://replay.example.com" }],
  [{ origin: "null" }],
  [{ "sec-fetch-site": "cross-site" }],
  [{ "sec-fetch-site": "same-site" }],
])("a page of another site changes nothing with the cookie: %j", async (headers) => {
  const answer = await rename(headers);
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ code: "page_foreign" });
  expect(await api.sql`SELECT FROM audit_log`).toHaveLength(0);
});

test.each([
  [{ origin: "https://replay.example.com" }],
  [{ origin: "https://api.example.com" }],
  [{ "sec-fetch-site": "same-origin" }],
  [{}],
])("the console, this API's own pages and programs do: %j", async (headers) => {
  expect((await rename(headers)).status).toBe(200);
});

test("nor does it sign anybody in", async () => {
  const headers = { origin: "https://evil.example" };
  expect((await api.request("/v1/auth/sign-out", { method: "POST", headers })).status).toBe(403);
  expect((await api.request("/v1/auth/demo", { method: "POST", headers })).status).toBe(403);
});
