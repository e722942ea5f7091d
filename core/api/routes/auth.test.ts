import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { developmentAccess } from "../auth/development-access.ts";
import { SignInLimit } from "../auth/sign-in-limit.ts";
import { Refusal } from "../refusal.ts";
import { seedDemo } from "../seed-demo.ts";
import { startTestApi, type TestApi } from "../testing/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.request(path, {
    method: "POST",
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const demo = { email: "demo@rrhog.localhost", password: "demo_password_123" };

describe("signing in", () => {
  test("gives the session as a JWT that no script can read", async () => {
    const answer = await post("/v1/auth/sign-in", { ...demo, email: "DEMO@rrhog.localhost" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      user: { id: expect.any(String), email: "demo@rrhog.localhost", name: "Demo owner" },
    });
    const [cookie, ...more] = answer.headers.getSetCookie();
    expect(more).toEqual([]);
    expect(cookie).toMatch(/^rrhog_session=[\w-]+\.[\w-]+\.[\w-]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test("is remembered until signing out, which works for every copy of the cookie", async () => {
    const headers = await api.signIn();
    expect(await (await api.get("/v1/auth/me", headers)).json()).toMatchObject({ user: { email: demo.email } });
    const answer = await post("/v1/auth/sign-out", undefined, headers);
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^rrhog_session=; Max-Age=0; Path=\/; HttpOnly/);
    expect((await api.get("/v1/auth/me", headers)).status).toBe(401);
    expect((await post("/v1/auth/sign-out", undefined, headers)).status).toBe(204);
  });

  test("with a wrong password and with an unknown address fails alike", async () => {
    const wrong = await post("/v1/auth/sign-in", { ...demo, password: "wrong" });
    const unknown = await post("/v1/auth/sign-in", { ...demo, email: "nobody@rrhog.localhost" });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await unknown.text());
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  test.each([
    [{ email: "not an address", password: "x" }, "email"],
    [{ email: demo.email }, "password"],
    [{ email: demo.email, password: "x".repeat(129) }, "password"],
    [[], ""],
  ])("with a malformed body is a 400 that names the field", async (body, path) => {
    const answer = await post("/v1/auth/sign-in", body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "body_malformed", issues: [{ path }] });
  });

  test("takes JSON only: a form of another site cannot send that", async () => {
    const form = new URLSearchParams(demo).toString();
    for (const type of ["application/x-www-form-urlencoded", "text/plain"]) {
      const init = { method: "POST", headers: { "content-type": type }, body: form };
      expect((await api.request("/v1/auth/sign-in", init)).status).toBe(415);
    }
    expect((await post("/v1/auth/sign-in")).status).toBe(400);
    const broken = { method: "POST", headers: { "content-type": "application/json" }, body: "{" };
    expect(await (await api.request("/v1/auth/sign-in", broken)).json()).toMatchObject({ code: "body_malformed" });
    expect((await post("/v1/auth/sign-in", { ...demo, password: "x".repeat(70_000) })).status).toBe(413);
  });

  test("is refused after ten failures, whatever the password, and says until when", async () => {
    const email = "guessed@rrhog.localhost";
    for (let i = 0; i < 10; i++) expect((await post("/v1/auth/sign-in", { email, password: `${i}` })).status).toBe(401);
    const answer = await post("/v1/auth/sign-in", { email, password: "x" });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(800);
    expect((await post("/v1/auth/sign-in", demo)).status).toBe(200);
  });

  test("no route makes an account", async () => {
    for (const path of ["/v1/auth/sign-up", "/v1/auth/sign-up/email", "/api/auth/sign-up/email"]) {
      expect((await post(path, { ...demo, name: "x" })).status).toBe(404);
    }
    expect(await api.sql`SELECT count(*)::int AS n FROM users`).toMatchObject([{ n: 1 }]);
  });

  test("a key is no person", async () => {
    expect((await api.get("/v1/auth/me", api.reader)).status).toBe(403);
    expect((await api.get("/v1/auth/me")).status).toBe(401);
  });
});

describe("the demo owner", () => {
  test("signs in with one click in the embedded stack", async () => {
    const answer = await post("/v1/auth/demo");
    expect(answer.status).toBe(200);
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect((await api.get("/v1/projects/1", { cookie })).status).toBe(200);
  });

  test("and nowhere else; there the cookie is for https only", async () => {
    const production = await startTestApi({ RRHOG_EMBEDDED: "0", UI_URL: "https://replay.example.com" });
    try {
      expect((await production.request("/v1/auth/demo", { method: "POST" })).status).toBe(404);
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(demo) };
      const answer = await production.request("/v1/auth/sign-in", init);
      expect(answer.headers.getSetCookie()[0]).toMatch(/; Secure/);
    } finally {
      await production.drop();
    }
  });

  test("is made once, however often it is seeded", async () => {
    await seedDemo(api.sql);
    await seedDemo(api.sql);
    expect(await api.sql`SELECT email, role FROM users JOIN memberships ON user_id = users.id`).toMatchObject([
      { email: demo.email, role: "owner" },
    ]);
    const [project] = await api.sql`INSERT INTO projects (name) VALUES ('next') RETURNING id`;
    expect(project?.id).toBe(3);
  });

  test("is found, with the development keys, by an API that starts in production", async () => {
    expect(await developmentAccess(api.sql)).toEqual([
      expect.stringContaining("dev_writ"),
      expect.stringContaining("dev_read"),
      expect.stringContaining("demo@rrhog.localhost"),
    ]);
    await api.sql`UPDATE project_keys SET revoked_at = now() WHERE project_id = 1`;
    await api.sql`DELETE FROM users`;
    expect(await developmentAccess(api.sql)).toEqual([]);
  });
});

describe("the limit of failures", () => {
  test("forgets an address after a quarter of an hour, and after a success", () => {
    let now = 0;
    const limit = new SignInLimit(() => now);
    const fail = (email: string) => {
      const attempt = limit.begin(email);
      attempt.failed();
      attempt.end();
    };
    for (let i = 0; i < 10; i++) fail("a@example.com");
    expect(() => fail("a@example.com")).toThrow(Refusal);
    fail("b@example.com");
    now += 15 * 60_000;
    for (let i = 0; i < 9; i++) fail("a@example.com");
    const good = limit.begin("a@example.com");
    good.succeeded();
    good.end();
    for (let i = 0; i < 10; i++) fail("a@example.com");
    expect(() => fail("a@example.com")).toThrow(Refusal);
  });

  test("keeps only so many checks going at once", () => {
    const limit = new SignInLimit();
    const attempts = Array.from({ length: 8 }, (_, i) => limit.begin(`${i}@example.com`));
    expect(() => limit.begin("9@example.com")).toThrow(Refusal);
    attempts[0]?.end();
    limit.begin("9@example.com");
  });
});
