/** Against a real provider, with its own pages to sign in and to consent. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openApi, startTestApi, type TestApi } from "../testing/api.ts";

const UI = "http://127.0.0.1:3000";
const CALLBACK = `${UI}/v1/auth/oidc/callback`;

/** Who the provider knows; the account's name is the subject. */
const people: Record<string, { email: string; email_verified: boolean; name?: string; groups?: string[] }> = {
  ada: { email: "Ada@example.com", email_verified: true, name: "Ada L.", groups: ["replay-admins"] },
  bob: { email: "bob@example.com", email_verified: true },
  eve: { email: "demo@rrhog.localhost", email_verified: false },
  zed: { email: "zed@elsewhere.example", email_verified: true },
};

let provider: Server;
let issuer: string;
let api: TestApi;
let settings: Record<string, string>;
beforeAll(async () => {
  provider = createServer();
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const oidc = new Provider(issuer, {
    clients: [{ client_id: "rrhog", client_secret: "secret of the client", redirect_uris: [CALLBACK] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
    cookies: { keys: ["of the tests"] },
  });
  provider.on("request", oidc.callback());
  settings = {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: "rrhog",
    OIDC_CLIENT_SECRET: "secret of the client",
    OIDC_EMAIL_DOMAINS: "example.com, rrhog.localhost",
    OIDC_ROLES: "1:viewer, replay-admins=1:admin, replay-admins=2:member",
  };
  api = await startTestApi(settings);
});
afterAll(async () => {
  provider.closeAllConnections();
  provider.close();
  await api.drop();
});
beforeEach(async () => {
  await api.sql`DELETE FROM users WHERE email <> 'demo@rrhog.localhost'`;
  await api.sql`DELETE FROM audit_log`;
});

/** What a browser keeps of one host, and follows. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map((pair) => pair.join("=")).join("; ");
    const answer = await fetch(url, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (set.split(";")[0] ?? "").split("=");
      this.#cookies.set(name, value);
    }
    return answer;
  }

  /** Signs in at the provider and consents. @returns where it sends the browser back to */
  async signIn(url: string, login: string): Promise<URL> {
    for (let at = url; ; ) {
      const answer = await this.fetch(at);
      const to = answer.headers.get("location");
      if (to?.startsWith(CALLBACK)) return new URL(to);
      if (to) {
        at = new URL(to, issuer).href;
        continue;
      }
      const page = await answer.text();
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
      if (!action) throw new Error(`no form: ${answer.status} ${page}`);
      const prompt = page.includes('name="login"') ? "login" : "consent";
      const body = new URLSearchParams({ prompt, login, password: "any" });
      const submitted = await this.fetch(new URL(action, issuer).href, { method: "POST", body });
      at = new URL(submitted.headers.get("location") ?? "", issuer).href;
    }
  }
}

interface Begun {
  url: string;
  attempt: string;
}

async function begin(next = "/projects/1"): Promise<Begun> {
  const answer = await api.get(`/v1/auth/oidc/start?next=${encodeURIComponent(next)}`);
  expect(answer.status).toBe(302);
  const [attempt = ""] = answer.headers.getSetCookie();
  expect(attempt).toMatch(/^rrhog_oidc=[^;]+; Max-Age=600; Path=\/v1\/auth\/oidc; HttpOnly; SameSite=Lax$/);
  return { url: answer.headers.get("location") ?? "", attempt: attempt.split(";")[0] ?? "" };
}

const comeBack = (back: URL, attempt: string) => api.get(back.pathname + back.search, { cookie: attempt });

async function signIn(login: string, next?: string) {
  const { url, attempt } = await begin(next);
  const answer = await comeBack(await new Browser().signIn(url, login), attempt);
  expect(answer.status).toBe(302);
  const cookie = answer.headers
    .getSetCookie()
    .find((set) => set.startsWith("rrhog_session="))
    ?.split(";")[0];
  return { location: answer.headers.get("location"), headers: { cookie: cookie ?? "" } };
}

const role = async (projectId: number, headers: Record<string, string>) => {
  const answer = await api.get(`/v1/projects/${projectId}`, headers);
  return answer.status === 200 ? ((await answer.json()) as { role: string }).role : null;
};

describe("signing in at the provider", () => {
  test("makes the person, signs in, and goes where one was going", async () => {
    const { location, headers } = await signIn("bob", "/projects/1/sessions?user=x");
    expect(location).toBe(`${UI}/projects/1/sessions?user=x`);
    expect(await (await api.get("/v1/auth/me", headers)).json()).toMatchObject({
      user: { email: "bob@example.com", name: "bob" },
    });
    expect(await (await api.get("/v1/auth/methods")).json()).toMatchObject({ oidc: true });
    await signIn("bob");
    expect(await api.sql`SELECT FROM users WHERE email = 'bob@example.com'`).toHaveLength(1);
  });

  test("asks with PKCE, state and nonce, each time others", async () => {
    const [one, two] = [new URL((await begin()).url), new URL((await begin()).url)];
    expect(one.origin).toBe(issuer);
    expect(Object.fromEntries(one.searchParams)).toMatchObject({
      response_type: "code",
      client_id: "rrhog",
      redirect_uri: CALLBACK,
      code_challenge_method: "S256",
    });
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(one.searchParams.get(name)?.length).toBeGreaterThan(30);
      expect(one.searchParams.get(name)).not.toBe(two.searchParams.get(name));
    }
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "/.//evil.example",
    "evil",
    "/\t/evil.example",
  ])("never leads to another site: %s", async (next) => {
    const { location } = await signIn("bob", next);
    expect(new URL(location ?? "").origin).toBe(UI);
  });
});

describe("who has an account already", () => {
  const account = (isVerified: boolean) => api.sql`
    WITH u AS (INSERT INTO users (email, name, email_verified) VALUES ('ada@example.com', 'Ada', ${isVerified}) RETURNING id)
    INSERT INTO auth_accounts (user_id, provider_id, account_id, password, updated_at)
    SELECT u.id, 'credential', u.id::text, a.password, now() FROM u, auth_accounts a LIMIT 1`;

  test("goes on as the same person, with their password", async () => {
    await account(true);
    const before = await api.signIn("ada@example.com");
    const { headers } = await signIn("ada");
    expect(await (await api.get("/v1/auth/me", headers)).json()).toMatchObject({ user: { name: "Ada" } });
    expect((await api.get("/v1/auth/me", before)).status).toBe(200);
  });

  test("of an address that nobody had verified is rid of whoever took it first", async () => {
    await account(false);
    const squatter = await api.signIn("ada@example.com");
    await signIn("ada");
    expect((await api.get("/v1/auth/me", squatter)).status).toBe(401);
    expect((await api.get("/v1/auth/me", await api.signIn("ada@example.com"))).status).toBe(401);
  });

  test("is not who has their address now: an account of the provider stands for one person", async () => {
    await signIn("ada");
    const [before] = await api.sql`SELECT id FROM users WHERE email = 'ada@example.com'`;
    if (people.ada) people.newcomer = people.ada;
    const { location, headers } = await signIn("newcomer");
    expect(location).toBe(`${UI}/sign-in?refused=sso_email_taken`);
    expect(headers.cookie).toBe("");
    expect(await api.sql`SELECT id FROM users WHERE email = 'ada@example.com'`).toEqual([before]);
  });

  test("is not whom the provider has not verified", async () => {
    const { location, headers } = await signIn("eve");
    expect(location).toBe(`${UI}/sign-in?refused=sso_email_unverified`);
    expect(headers.cookie).toBe("");
  });
});

describe("what one may do", () => {
  test("follows the provider's groups, and goes with them", async () => {
    const { headers } = await signIn("ada");
    expect([await role(1, headers), await role(2, headers)]).toEqual(["admin", "member"]);
    if (people.ada) people.ada.groups = [];
    await signIn("ada");
    expect([await role(1, headers), await role(2, headers)]).toEqual(["viewer", null]);
    if (people.ada) people.ada.groups = ["replay-admins"];
    const done = await api.sql`SELECT action FROM audit_log WHERE actor_name = 'ada@example.com' ORDER BY id`;
    expect(done.map(({ action }) => action)).toEqual([
      "member.joined",
      "member.joined",
      "member.role_changed",
      "member.removed",
    ]);
  });

  test("stays where a person gave it", async () => {
    const { headers } = await signIn("bob");
    await api.sql`UPDATE memberships SET role = 'owner', by_oidc = false WHERE user_id = (SELECT id FROM users WHERE email = 'bob@example.com')`;
    await signIn("bob");
    expect(await role(1, headers)).toBe("owner");
  });

  test("is nothing for other domains' addresses", async () => {
    expect((await signIn("zed")).location).toBe(`${UI}/sign-in?refused=sso_email_domain`);
    expect(await api.sql`SELECT FROM users WHERE email LIKE 'zed%'`).toHaveLength(0);
  });
});

describe("an answer is refused", () => {
  const failed = `${UI}/sign-in?refused=sso_failed`;
  const refused = async (back: URL, attempt: string) => {
    const answer = await comeBack(back, attempt);
    expect(answer.headers.getSetCookie().join()).not.toContain("rrhog_session=ey");
    return answer.headers.get("location");
  };

  test("in a browser that did not ask, or asked for another", async () => {
    const mine = await begin();
    const theirs = await begin();
    const back = await new Browser().signIn(theirs.url, "bob");
    expect(await refused(back, "")).toBe(failed);
    expect(await refused(back, mine.attempt)).toBe(failed);
    expect(await refused(back, `${theirs.attempt.slice(0, -4)}AAAA`)).toBe(failed);
  });

  test("a second time, and with a code that was made up", async () => {
    const { url, attempt } = await begin();
    const back = await new Browser().signIn(url, "bob");
    const madeUp = new URL(back);
    madeUp.searchParams.set("code", "made-up");
    expect(await refused(madeUp, attempt)).toBe(failed);
    expect((await comeBack(back, attempt)).headers.get("location")).toBe(`${UI}/projects/1`);
    expect(await refused(back, attempt)).toBe(failed);
  });

  test("that is the provider's own refusal, or nothing", async () => {
    const { attempt } = await begin();
    expect(await refused(new URL(`${CALLBACK}?error=access_denied`), attempt)).toBe(failed);
    expect(await refused(new URL(CALLBACK), attempt)).toBe(failed);
  });
});

test("without a provider there is none, and one that is away is said to be", async () => {
  const without = openApi(api);
  expect((await without.get("/v1/auth/oidc/start")).status).toBe(404);
  expect((await without.get("/v1/auth/oidc/callback?code=x")).status).toBe(404);
  const away = openApi(api, { ...settings, OIDC_ISSUER: "http://127.0.0.1:9" });
  const answer = await away.get("/v1/auth/oidc/start");
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: "sso_unavailable" });
});

describe("how it is set up", () => {
  const asked = async (of: Pick<TestApi, "request" | "signIn">, projectId = 1) => {
    const headers = await of.signIn();
    const path = `/v1/projects/${projectId}/single-sign-on`;
    const [one, check] = [
      await of.request(path, { headers }),
      await of.request(`${path}/check`, { method: "POST", headers }),
    ];
    return { one: await one.json(), check: await check.json() };
  };

  test("is told to a project's managers, with the roles in this project alone and no secret", async () => {
    const { one, check } = await asked(api);
    expect(one).toEqual({
      issuer,
      client_id: "rrhog",
      redirect_uri: CALLBACK,
      email_domains: ["example.com", "rrhog.localhost"],
      role_claim: "groups",
      roles: [
        { value: null, role: "viewer" },
        { value: "replay-admins", role: "admin" },
      ],
    });
    expect(check).toEqual({ ok: true, why: null, tells_roles: true });
  });

  test("may be that there is none, or that the provider is away", async () => {
    const without = await asked(openApi(api));
    expect(without.one).toMatchObject({ issuer: null, redirect_uri: null, roles: [] });
    expect(without.check).toMatchObject({ code: "not_found" });
    const away = await asked(openApi(api, { ...settings, OIDC_ISSUER: "http://127.0.0.1:9" }));
    expect(away.check).toMatchObject({ ok: false, why: expect.any(String) });
  });
});
