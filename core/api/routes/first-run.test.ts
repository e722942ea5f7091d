import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { setupToken } from "../auth/setup-token.ts";
import { startTestApi, type TestApi } from "../testing/api.ts";

const AUTH_SECRET = "a secret of the tests which is long enough";
const setup_token = setupToken({ AUTH_SECRET, SETUP_TOKEN: undefined });

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi({ AUTH_SECRET, RRHOG_EMBEDDED: "0" });
  await api.sql`DELETE FROM users`;
  await api.sql`DELETE FROM projects`;
});
afterEach(() => api.drop());

const owner = {
  setup_token,
  email: "First@example.com",
  name: "The first",
  password: "ten or more letters",
  project_name: "Shop",
};
const post = (body: unknown) =>
  api.request("/v1/auth/first-run", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const isOffered = async () => ((await (await api.get("/v1/auth/methods")).json()) as { first_run: boolean }).first_run;

describe("the first run", () => {
  test("makes the owner and a project, once, however many come at a time", async () => {
    expect(await isOffered()).toBe(true);
    const answers = await Promise.all([post(owner), post({ ...owner, email: "second@example.com" }), post(owner)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(await api.sql`SELECT FROM users`).toHaveLength(1);
    expect(await isOffered()).toBe(false);
    const won = answers.find(({ status }) => status === 201);
    if (!won) throw new Error("nobody won");
    const { project } = (await won.json()) as { project: { id: number } };
    const cookie = won.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect(await (await api.get(`/v1/projects/${project.id}`, { cookie })).json()).toMatchObject({
      name: "Shop",
      role: "owner",
    });
    expect((await post(owner)).status).toBe(409);
  });

  test("is not for a stranger who comes first", async () => {
    expect((await post({ ...owner, setup_token: "guessed" })).status).toBe(401);
    expect(await api.sql`SELECT FROM users`).toHaveLength(0);
    for (let i = 0; i < 9; i++) await post({ ...owner, setup_token: `${i}` });
    expect((await post(owner)).status).toBe(429);
  });

  test.each([
    [{ ...owner, password: "short" }, "password"],
    [{ ...owner, email: "nobody" }, "email"],
    [{ ...owner, project_name: "" }, "project_name"],
    [{ ...owner, setup_token: undefined }, "setup_token"],
  ])("names what is malformed", async (body, path) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path }] });
  });
});

test("the token follows from the secret, or is the setting's", () => {
  expect(setup_token).toMatch(/^[\w-]{32}$/);
  expect(setupToken({ AUTH_SECRET: `${AUTH_SECRET}!`, SETUP_TOKEN: undefined })).not.toBe(setup_token);
  expect(setupToken({ AUTH_SECRET, SETUP_TOKEN: "one of my own, of length" })).toBe("one of my own, of length");
});
