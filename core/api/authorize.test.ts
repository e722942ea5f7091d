import { randomUUID } from "node:crypto";
import { signJWT } from "better-auth/crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEMO_KEYS } from "./auth/development-access.ts";
import { OTHER, startTestApi, type TestApi } from "./testing/api.ts";
import { load, recordedPage } from "./testing/recording.ts";

const T0 = Date.now() - 86_400_000;
const MINE = randomUUID();
const THEIRS = randomUUID();

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const payloads = recordedPage(T0);
  for (const [projectId, sessionId] of [
    [1, MINE],
    [OTHER.id, THEIRS],
  ] as const) {
    const row = { user_id: "visitor" };
    await load(api, { projectId, sessionId, windowId: "w", seq: 0, payloads, receivedAt: T0, row });
  }
});
afterAll(() => api.drop());

interface Route {
  method: string;
  path: string;
}

/** Every route below a project, as the OpenAPI document lists them: a new one is tried without being named here. */
async function projectRoutes(): Promise<Route[]> {
  const document = (await (await api.get("/openapi.json")).json()) as { paths: Record<string, object> };
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith("/v1/projects/{project_id}"))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })));
}

/** What each role may read. Of what is not there yet deletions.test.ts, dead-letters.test.ts, assets.test.ts
 * and import.test.ts tell. */
const reading = (routes: Route[]) =>
  routes.filter(
    (route) =>
      route.method === "GET" &&
      !managed(route) &&
      !route.path.endsWith("/members") &&
      !/\{(letter_id|receipt_id|import_id|hash|collection_id)\}/.test(route.path),
  );
/** What owners and admins alone may read; who the members are, members.test.ts tells. */
const managed = ({ path }: Route) =>
  /\/(audit|keys|invitations|single-sign-on)$|\/users\/\{user_id\}\/export$/.test(path);
const managing = (routes: Route[]) => routes.filter((route) => route.method !== "GET" || managed(route));

/** What a role may change all the same: their own tests tell of it. */
const OPEN_TO: Record<string, RegExp> = {
  member: /\/(notes|collections|watched|shares|import|segments|sql|source-maps)\b/,
  viewer: /\/watched$/,
};

/** What the routes take that look at a body before they look for what it is about. */
const BODIES: [path: RegExp, body: object][] = [
  [/\/notes$/, { at_ms: 0, text: "shop.example" }],
  [/\/watched$/, { at_ms: 0 }],
  [/\/sessions\/delete$/, { session_ids: [MINE, THEIRS] }],
];

function requestOf({ method, path }: Route, headers?: Record<string, string>): RequestInit {
  const [, body] = (method === "POST" && BODIES.find(([pattern]) => pattern.test(path))) || [];
  if (!body) return { method, ...(headers && { headers }) };
  return { method, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

const at = (path: string, project: number, session: string) =>
  path
    .replace("{project_id}", String(project))
    .replace("{session_id}", session)
    .replace("{user_id}", "visitor")
    .replace("{letter_id}", "1")
    .replace(/\{(key|member|invitation)_id\}/, MINE)
    .replace("{hash}", "0".repeat(64))
    .replace("{receipt_id}", MINE)
    .replace("{share_id}", MINE)
    .replace("{import_id}", MINE)
    .replace("{note_id}", MINE)
    .replace("{collection_id}", MINE)
    .replace("{segment_id}", MINE)
    .replace(/\/search$/, "/search?q=shop");

/** Signed in, by the same password, and member of nothing. */
async function outsider(): Promise<Record<string, string>> {
  const email = `${randomUUID()}@example.com`;
  await api.sql`INSERT INTO users (email, name, email_verified) VALUES (${email}, 'Outsider', true)`;
  await api.sql`
    INSERT INTO auth_accounts (user_id, provider_id, account_id, password, updated_at)
    SELECT u.id, 'credential', u.id::text, a.password, now()
    FROM users u, auth_accounts a WHERE u.email = ${email} LIMIT 1`;
  return api.signIn(email);
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const cookie = (token: string) => ({ cookie: `rrhog_session=${token}` });

/** Well made, by somebody who does not know the secret. */
const forged = () => {
  const [now, id] = [Date.now() / 1_000, randomUUID()];
  return signJWT({ sub: id, sid: id, aud: "rrhog-console", exp: now + 3_600 }, "x".repeat(32), 3_600);
};

describe("wrong callers get no data from any route of a project", () => {
  const callers: Record<string, { status: number[]; headers: () => Promise<Record<string, string>> }> = {
    nobody: { status: [401], headers: async () => ({}) },
    "a write key": { status: [403], headers: async () => bearer(DEMO_KEYS.write) },
    "another project's read key": { status: [404], headers: async () => bearer(OTHER.readKey) },
    "another project's write key": { status: [403], headers: async () => bearer(OTHER.writeKey) },
    "a key of nobody": { status: [401], headers: async () => bearer("no_such_key") },
    "a key of the wrong form": { status: [401], headers: async () => ({ authorization: "Basic ZGV2OmRldg==" }) },
    "a forged cookie": { status: [401], headers: async () => cookie(await forged()) },
    "an unsigned cookie": { status: [401], headers: async () => cookie("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.") },
    "a forged JWT as key": { status: [401], headers: async () => bearer(await forged()) },
    "somebody without a membership": { status: [404], headers: outsider },
  };
  test.each(Object.keys(callers))("%s", async (name) => {
    const caller = callers[name];
    const headers = await caller?.headers();
    for (const { method, path } of await projectRoutes()) {
      const answer = await api.request(at(path, 1, MINE), requestOf({ method, path }, headers));
      expect(caller?.status, `${method} ${path}`).toContain(answer.status);
      expect(answer.headers.get("content-type"), path).toBe("application/problem+json");
      expect(await answer.text(), path).not.toContain("shop.example");
    }
    expect(await api.sql`SELECT FROM tombstones`).toHaveLength(0);
  });

  test("a signed-out and an expired session", async () => {
    const signedOut = await api.signIn();
    await api.request("/v1/auth/sign-out", { method: "POST", headers: signedOut });
    const expired = await api.signIn();
    await api.sql`UPDATE auth_sessions SET expires_at = now() - interval '1 second'`;
    for (const headers of [signedOut, expired]) {
      for (const { method, path } of await projectRoutes()) {
        expect((await api.request(at(path, 1, MINE), { method, headers })).status).toBe(401);
      }
    }
  });

  test("a wrong key is not helped by a good cookie beside it", async () => {
    const headers = { ...(await api.signIn()), ...bearer("no_such_key") };
    expect((await api.get("/v1/projects/1", headers)).status).toBe(401);
  });

  test("a revoked key", async () => {
    await api.sql`UPDATE project_keys SET revoked_at = now() WHERE project_id = ${OTHER.id} AND kind = 'read'`;
    expect((await api.get(`/v1/projects/${OTHER.id}`, bearer(OTHER.readKey))).status).toBe(401);
    await api.sql`UPDATE project_keys SET revoked_at = NULL`;
  });
});

describe("right callers", () => {
  test.each(["read key", "person"])("a %s reads every route of its own project", async (kind) => {
    const headers = kind === "person" ? await api.signIn() : api.reader;
    for (const { path } of reading(await projectRoutes())) {
      expect((await api.get(at(path, 1, MINE), headers)).status, path).toBe(200);
    }
  });

  test.each(["owner", "admin", "member", "viewer"])("as %s", async (role) => {
    const headers = await api.signIn();
    await api.sql`UPDATE memberships SET role = ${role}`;
    for (const { path } of reading(await projectRoutes())) {
      expect((await api.get(at(path, 1, MINE), headers)).status, path).toBe(200);
    }
    expect(await (await api.get("/v1/projects/1", headers)).json()).toMatchObject({ id: 1, role });
  });

  test.each(["member", "viewer", "read key"])("as %s change nothing but what is theirs to", async (role) => {
    const headers = role === "read key" ? api.reader : await api.signIn();
    if (role !== "read key") await api.sql`UPDATE memberships SET role = ${role}`;
    for (const { method, path } of managing(await projectRoutes())) {
      if (OPEN_TO[role]?.test(path)) continue;
      expect((await api.request(at(path, 1, MINE), { method, headers })).status, `${method} ${path}`).toBe(403);
    }
    expect(await api.sql`SELECT FROM tombstones`).toHaveLength(0);
    await api.sql`UPDATE memberships SET role = 'owner'`;
  });

  test("another project's session is not there, in whatever place its id stands", async () => {
    const headers = await api.signIn();
    for (const { method, path } of (await projectRoutes()).filter(({ path }) => path.includes("{session_id}"))) {
      for (const [project, session] of [
        [1, THEIRS],
        [OTHER.id, THEIRS],
        [OTHER.id, MINE],
      ] as const) {
        const ask = async (as: Record<string, string>) =>
          (await api.request(at(path, project, session), requestOf({ method, path }, as))).status;
        if (method === "GET") expect(await ask(api.reader), path).toBe(404);
        expect(await ask(headers), `${method} ${path}`).toBe(404);
      }
    }
  });

  test("are told of the projects that they may read, and of no others", async () => {
    const mine = { projects: [{ id: 1, name: "Demo shop" }] };
    expect(await (await api.get("/v1/projects", api.reader)).json()).toMatchObject(mine);
    expect(await (await api.get("/v1/projects", await api.signIn())).json()).toMatchObject(mine);
    expect((await api.get("/v1/projects")).status).toBe(401);
    expect((await api.get("/v1/projects", bearer(DEMO_KEYS.write))).status).toBe(403);
  });
});
