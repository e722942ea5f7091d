import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());

const PATH = "/v1/projects/1/settings";
const change = (lists: unknown, headers = owner) =>
  api.request(PATH, {
    method: "PATCH",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ lists }),
  });

test("a project says which sessions are its makers' own, member by member", async () => {
  const lists = async () => ((await (await api.get(PATH, api.reader)).json()) as { lists: object }).lists;
  expect(await lists()).toEqual({ internal_hosts: [], hide_internal: false });
  expect((await change({ internal_hosts: ["Test.shop.example", "*.acme.example"] })).status).toBe(200);
  expect((await change({ hide_internal: true })).status).toBe(200);
  expect(await lists()).toEqual({
    internal_hosts: ["test.shop.example", "*.acme.example"],
    hide_internal: true,
  });
  expect((await change({ hide_internal: false }, api.reader)).status).toBe(403);
});

test.each([
  ["an address", { internal_hosts: ["https://shop.example"] }, "lists.internal_hosts.0"],
  ["a host with a hole in it", { internal_hosts: ["a..b"] }, "lists.internal_hosts.0"],
  ["a name that there is not", { hidden: true }, "lists"],
])("it cannot be %s", async (_, body, path) => {
  const answer = await change(body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ issues: [{ path }] });
});
