import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DEMO_OWNER } from "../auth/development-access.ts";
import type { OwnSession } from "../queries/own-sessions.ts";
import { startTestApi, type TestApi } from "../testing/api.ts";

type Headers = Record<string, string>;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());
beforeEach(() => api.sql`DELETE FROM auth_sessions`);

const post = (path: string, headers: Headers, body?: unknown) =>
  api.request(path, {
    method: "POST",
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const cookieOf = (answer: Response): Headers => ({ cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" });
const isSignedIn = async (headers: Headers) => (await api.get("/v1/auth/me", headers)).status === 200;
const sessions = async (headers: Headers) =>
  ((await (await api.get("/v1/auth/sessions", headers)).json()) as { sessions: OwnSession[] }).sessions;

describe("one's sessions", () => {
  test("are listed with what they were begun with, and ended one by one", async () => {
    const credentials = { email: DEMO_OWNER.email, password: DEMO_OWNER.password };
    const phone = cookieOf(await post("/v1/auth/sign-in", { "user-agent": "A phone" }, credentials));
    const desk = await api.signIn();
    const listed = await sessions(desk);
    expect(listed).toMatchObject([
      { current: true, user_agent: null },
      { current: false, user_agent: "A phone" },
    ]);
    expect((await api.request(`/v1/auth/sessions/${listed[1]?.id}`, { method: "DELETE", headers: desk })).status).toBe(
      204,
    );
    expect([await isSignedIn(phone), await isSignedIn(desk)]).toEqual([false, true]);
  });

  test("of another person are not there", async () => {
    const [other] = await api.sql`
      INSERT INTO users (email, name, email_verified) VALUES ('o@example.com', 'O', true) RETURNING id`;
    const [theirs] = await api.sql`
      INSERT INTO auth_sessions (user_id, token, expires_at, updated_at)
      VALUES (${other?.id}, 'x', now() + interval '1 day', now()) RETURNING id`;
    const headers = await api.signIn();
    expect((await api.request(`/v1/auth/sessions/${theirs?.id}`, { method: "DELETE", headers })).status).toBe(404);
    expect(await sessions(headers)).toHaveLength(1);
    expect(await api.sql`SELECT FROM auth_sessions WHERE id = ${theirs?.id}`).toHaveLength(1);
  });

  test("all end at once, this one as well", async () => {
    const [one, two] = [await api.signIn(), await api.signIn()];
    const answer = await post("/v1/auth/sign-out-everywhere", one);
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^rrhog_session=; Max-Age=0/);
    expect([await isSignedIn(one), await isSignedIn(two)]).toEqual([false, false]);
  });

  test.each(["sessions", "sign-out-everywhere", "renew"])("%s is for who is signed in", async (name) => {
    const ask = (headers: Headers) =>
      name === "sessions" ? api.get("/v1/auth/sessions", headers) : post(`/v1/auth/${name}`, headers);
    expect((await ask({})).status).toBe(401);
    expect((await ask(api.reader)).status).toBe(403);
  });
});

describe("renewing", () => {
  test("gives a new session; the old one goes on for a minute, and is replaced once", async () => {
    const old = await api.signIn();
    const answer = await post("/v1/auth/renew", old);
    expect(answer.status).toBe(204);
    const renewed = cookieOf(answer);
    expect(renewed).not.toEqual(old);
    expect([await isSignedIn(old), await isSignedIn(renewed)]).toEqual([true, true]);
    expect((await post("/v1/auth/renew", old)).headers.getSetCookie()).toEqual([]);
    expect(await sessions(renewed)).toHaveLength(1);
    const [row] = await api.sql`
      SELECT expires_at <= now() + interval '60 s' AS soon FROM auth_sessions WHERE rotated_at IS NOT NULL`;
    expect(row?.soon).toBe(true);
    await api.sql`UPDATE auth_sessions SET expires_at = expires_at - interval '61 s' WHERE rotated_at IS NOT NULL`;
    expect([await isSignedIn(old), await isSignedIn(renewed)]).toEqual([false, true]);
  });

  test("is possible for thirty days after signing in", async () => {
    const headers = await api.signIn();
    await api.sql`UPDATE auth_sessions SET signed_in_at = now() - interval '31 days'`;
    expect((await post("/v1/auth/renew", headers)).headers.getSetCookie()).toEqual([]);
    expect(await isSignedIn(headers)).toBe(true);
  });
});

describe("the password", () => {
  const change = (headers: Headers, current_password: string, new_password: string) =>
    post("/v1/auth/password", headers, { current_password, new_password });
  const next = "another password, of some length";

  test("is changed by who knows it, and everybody else is out", async () => {
    const [here, elsewhere] = [await api.signIn(), await api.signIn()];
    expect((await change(here, "wrong", next)).status).toBe(401);
    expect(await isSignedIn(elsewhere)).toBe(true);
    const answer = await change(here, DEMO_OWNER.password, next);
    expect(answer.status).toBe(204);
    expect([await isSignedIn(cookieOf(answer)), await isSignedIn(elsewhere)]).toEqual([true, false]);
    const signIn = (password: string) => post("/v1/auth/sign-in", {}, { email: DEMO_OWNER.email, password });
    expect((await signIn(DEMO_OWNER.password)).status).toBe(401);
    expect((await signIn(next)).status).toBe(200);
    expect((await change(cookieOf(answer), next, DEMO_OWNER.password)).status).toBe(204);
  });

  test.each(["short", "x".repeat(129)])("is of 10 to 128 characters, and not %s", async (password) => {
    const answer = await change(await api.signIn(), DEMO_OWNER.password, password);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path: "new_password" }] });
  });

  test("cannot be guessed here either", async () => {
    const headers = await api.signIn();
    for (let i = 0; i < 10; i++) expect((await change(headers, `${i}`, next)).status).toBe(401);
    expect((await change(headers, DEMO_OWNER.password, next)).status).toBe(429);
  });
});
