import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Member } from "../queries/members.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";

type Headers = Record<string, string>;
const PATH = "/v1/projects/1";

let api: TestApi;
let owner: Headers;
let ownerId: string;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
  ownerId = (await api.sql`SELECT id FROM users`)[0]?.id;
});
afterAll(() => api.drop());
beforeEach(async () => {
  await api.sql`DELETE FROM memberships WHERE user_id <> ${ownerId}`;
  await api.sql`UPDATE memberships SET role = 'owner'`;
  await api.sql`DELETE FROM audit_log`;
});

const send = (method: string, path: string, headers: Headers, body?: unknown) =>
  api.request(path, {
    method,
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const setRole = (id: string, role: string, as = owner) => send("PATCH", `${PATH}/members/${id}`, as, { role });
const remove = (id: string, as = owner) => send("DELETE", `${PATH}/members/${id}`, as);
const members = async () => {
  const answer = await api.get(`${PATH}/members`, owner);
  return ((await answer.json()) as { members: Member[] }).members.map(({ email, role }) => `${email} ${role}`);
};

/** Signed in, by the demo owner's password. */
async function person(
  role: string | null,
  email = `${randomUUID()}@example.com`,
): Promise<{ id: string; headers: Headers }> {
  const [{ id }] = await api.sql<[{ id: string }]>`
    INSERT INTO users (email, name, email_verified) VALUES (${email}, 'Somebody', true) RETURNING id`;
  await api.sql`
    INSERT INTO auth_accounts (user_id, provider_id, account_id, password, updated_at)
    SELECT ${id}, 'credential', ${id}, password, now() FROM auth_accounts WHERE user_id = ${ownerId}`;
  if (role !== null) await api.sql`INSERT INTO memberships (project_id, user_id, role) VALUES (1, ${id}, ${role})`;
  return { id, headers: await api.signIn(email) };
}

describe("members", () => {
  test("are seen by each other, and by no key", async () => {
    const { headers } = await person("viewer", "vera@example.com");
    const answer = await api.get(`${PATH}/members`, headers);
    expect(await answer.json()).toMatchObject({
      members: [
        { id: ownerId, email: "demo@rrhog.localhost", role: "owner", by_sso: false },
        { email: "vera@example.com", role: "viewer" },
      ],
    });
    expect((await api.get(`${PATH}/members`, api.reader)).status).toBe(403);
  });

  test("are listed in pages that together are the whole, a thousand at most in one", async () => {
    for (const name of ["c", "a", "b", "d"]) await person("viewer", `${name}-${randomUUID()}@example.com`);
    const whole = await members();
    expect(whole).toHaveLength(5);
    const paged: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const answer = await api.get(`${PATH}/members?limit=2${cursor && `&cursor=${cursor}`}`, owner);
      const page = (await answer.json()) as { members: Member[]; next_cursor: string | null };
      expect(page.members.length).toBeLessThanOrEqual(2);
      paged.push(...page.members.map(({ email, role }) => `${email} ${role}`));
      cursor = page.next_cursor;
    }
    expect(paged).toEqual(whole);
    expect((await api.get(`${PATH}/members?limit=1001`, owner)).status).toBe(400);
  });

  test("get another role, or go, at once", async () => {
    const { id, headers } = await person("viewer");
    expect((await api.get(`${PATH}/keys`, headers)).status).toBe(403);
    expect(await (await setRole(id, "admin")).json()).toMatchObject({ id, role: "admin" });
    expect((await api.get(`${PATH}/keys`, headers)).status).toBe(200);
    expect((await remove(id)).status).toBe(200);
    expect((await api.get(`${PATH}/sessions`, headers)).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
    expect(await api.sql`SELECT action, detail FROM audit_log WHERE action LIKE 'member%' ORDER BY id`).toMatchObject([
      { action: "member.role_changed", detail: { from: "viewer", to: "admin" } },
      { action: "member.removed", detail: { from: "admin" } },
    ]);
  });

  test.each(["admin", "member", "viewer"])("may leave as %s", async (role) => {
    const { id, headers } = await person(role);
    expect((await remove(id, headers)).status).toBe(200);
    expect((await api.get(PATH, headers)).status).toBe(404);
  });

  test("of the lower roles change nobody, themselves included", async () => {
    const other = await person("viewer");
    for (const role of ["member", "viewer"]) {
      const { id, headers } = await person(role);
      expect((await setRole(id, "owner", headers)).status).toBe(403);
      expect((await setRole(other.id, "admin", headers)).status).toBe(403);
      expect((await remove(other.id, headers)).status).toBe(403);
    }
  });

  test("as admins neither make nor unmake owners", async () => {
    const { id, headers } = await person("admin");
    const other = await person("member");
    expect((await setRole(id, "owner", headers)).status).toBe(403);
    expect((await setRole(other.id, "owner", headers)).status).toBe(403);
    expect((await setRole(ownerId, "viewer", headers)).status).toBe(403);
    expect((await remove(ownerId, headers)).status).toBe(403);
    expect((await setRole(other.id, "admin", headers)).status).toBe(200);
  });

  test("always have an owner: the last one neither leaves nor steps down", async () => {
    expect((await remove(ownerId)).status).toBe(409);
    expect((await setRole(ownerId, "admin")).status).toBe(409);
    const second = await person("owner");
    const answers = await Promise.all([remove(ownerId), remove(second.id, second.headers)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await api.sql`SELECT FROM memberships WHERE role = 'owner' AND project_id = 1`).toHaveLength(1);
    await api.sql`
      INSERT INTO memberships (project_id, user_id, role) VALUES (1, ${ownerId}, 'owner') ON CONFLICT DO NOTHING`;
  });

  test.each([
    [{ role: "god" }, "role"],
    [{}, "role"],
    [{ role: "viewer", id: 1 }, ""],
  ])("are not changed by %j", async (body, path) => {
    const answer = await send("PATCH", `${PATH}/members/${ownerId}`, owner, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path }] });
  });

  test("of another project are not there", async () => {
    const { id } = await person(null);
    await api.sql`INSERT INTO memberships (project_id, user_id, role) VALUES (${OTHER.id}, ${id}, 'viewer')`;
    expect((await setRole(id, "admin")).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
  });
});

describe("invitations", () => {
  const invite = async (body: object, as = owner) => {
    const answer = await send("POST", `${PATH}/invitations`, as, body);
    return { status: answer.status, ...((await answer.json()) as { id: string; token: string; url: string }) };
  };
  const accept = (body: object, as: Headers = {}) => send("POST", "/v1/auth/invitations/accept", as, body);
  const offer = (token: string) => send("POST", "/v1/auth/invitations/read", {}, { token });
  const account = { name: "Nora", password: "ten or more letters" };

  test("make a person of whoever has the link, once", async () => {
    const { status, id, token, url } = await invite({ email: "Nora@Example.com", role: "member" });
    expect(status).toBe(201);
    expect(url).toBe(`http://127.0.0.1:3000/invitations/${token}`);
    expect(await (await offer(token)).json()).toMatchObject({
      project: { id: 1, name: "Demo shop" },
      email: "nora@example.com",
      role: "member",
      has_account: false,
    });
    const stored = await api.sql`SELECT i::text AS row FROM invitations i UNION ALL SELECT a::text FROM audit_log a`;
    expect(JSON.stringify(stored)).not.toContain(token);
    expect((await accept({ token })).status).toBe(401);
    const answers = await Promise.all([accept({ token, ...account }), accept({ token, ...account })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
    const accepted = answers.find((answer) => answer.status === 200);
    const cookie = accepted?.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect(await (await api.get(PATH, { cookie })).json()).toMatchObject({ role: "member" });
    expect(await members()).toContain("nora@example.com member");
    const signIn = { email: "nora@example.com", password: account.password };
    expect((await send("POST", "/v1/auth/sign-in", {}, signIn)).status).toBe(200);
    const { invitations } = (await (await api.get(`${PATH}/invitations`, owner)).json()) as { invitations: object[] };
    expect(invitations).toMatchObject([{ id, state: "accepted", created_by: "demo@rrhog.localhost" }]);
    expect(JSON.stringify(invitations)).not.toContain(token);
  });

  test("are for the address that they name: with an account one signs in first", async () => {
    const email = `${randomUUID()}@example.com`;
    const { headers, id } = await person(null, email);
    const { token } = await invite({ email, role: "admin" });
    expect((await accept({ token, ...account })).status).toBe(401);
    const stranger = await person(null);
    expect((await accept({ token }, stranger.headers)).status).toBe(403);
    expect((await accept({ token }, api.reader)).status).toBe(403);
    expect((await accept({ token }, headers)).status).toBe(200);
    expect((await accept({ token }, headers)).status).toBe(404);
    expect(await members()).toContain(`${email} admin`);
    expect(await api.sql`SELECT FROM audit_log WHERE action = 'member.joined' AND target = ${id}`).toHaveLength(1);
  });

  test("outweigh a role that single sign-on gave", async () => {
    const email = `${randomUUID()}@example.com`;
    const { headers, id } = await person("viewer", email);
    const { token } = await invite({ email: `other-${email}`, role: "admin" });
    await api.sql`UPDATE invitations SET email = ${email} WHERE email = ${`other-${email}`}`;
    await api.sql`UPDATE memberships SET by_oidc = true WHERE user_id = ${id}`;
    expect((await accept({ token }, headers)).status).toBe(200);
    const [membership] = await api.sql`SELECT role, by_oidc FROM memberships WHERE user_id = ${id}`;
    expect(membership).toEqual({ role: "admin", by_oidc: false });
  });

  test("end when they are taken back, and by themselves", async () => {
    const revoked = await invite({ email: "a@example.com", role: "viewer" });
    const answer = await send("DELETE", `${PATH}/invitations/${revoked.id}`, owner);
    expect(await answer.json()).toMatchObject({ state: "revoked" });
    const expired = await invite({ email: "b@example.com", role: "viewer", expires_in_h: 1 });
    await api.sql`UPDATE invitations SET expires_at = now() WHERE id = ${expired.id}`;
    for (const token of [revoked.token, expired.token, "made up"]) {
      expect((await offer(token)).status).toBe(404);
      expect((await accept({ token, ...account })).status).toBe(404);
    }
    expect((await send("DELETE", `${PATH}/invitations/${randomUUID()}`, owner)).status).toBe(404);
  });

  test("hold while whoever made them may still invite to that role", async () => {
    const { id, headers } = await person("owner");
    const made = new Map<string, Awaited<ReturnType<typeof invite>>>();
    for (const role of ["owner", "member"])
      made.set(role, await invite({ email: `${role}@hold.example`, role }, headers));
    const held = async () => {
      const { invitations } = (await (await api.get(`${PATH}/invitations`, owner)).json()) as { invitations: object[] };
      const roles: string[] = [];
      for (const [role, { id, token }] of made) {
        const isOffered = (await offer(token)).status === 200;
        expect(invitations).toContainEqual(expect.objectContaining({ id, state: isOffered ? "pending" : "revoked" }));
        if (isOffered) roles.push(role);
      }
      return roles;
    };
    expect(await held()).toEqual(["owner", "member"]);
    await setRole(id, "admin");
    expect(await held()).toEqual(["member"]);
    for (const role of ["member", "viewer"]) {
      await setRole(id, role);
      expect(await held(), role).toEqual([]);
    }
    await setRole(id, "admin");
    expect(await held()).toEqual(["member"]);
    expect((await send("DELETE", `${PATH}/members/${id}`, owner)).status).toBe(200);
    expect(await held()).toEqual([]);
    const { token = "", id: invitation } = made.get("member") ?? {};
    expect((await accept({ token, ...account })).status).toBe(404);
    // Taken back while it holds nothing, it stays so, should its author come back.
    expect((await send("DELETE", `${PATH}/invitations/${invitation}`, owner)).status).toBe(200);
    await api.sql`INSERT INTO memberships (project_id, user_id, role) VALUES (1, ${id}, 'admin')`;
    expect(await held()).toEqual([]);
  });

  test("of an account that is gone are gone", async () => {
    const { id, headers } = await person("admin");
    const { token } = await invite({ email: "gone@hold.example", role: "viewer" }, headers);
    await api.sql`DELETE FROM users WHERE id = ${id}`;
    expect((await offer(token)).status).toBe(404);
  });

  test("to own the project are for owners to make, and none is for a member", async () => {
    const { headers } = await person("admin");
    expect((await invite({ email: "c@example.com", role: "owner" }, headers)).status).toBe(403);
    expect((await invite({ email: "c@example.com", role: "admin" }, headers)).status).toBe(201);
    expect((await invite({ email: "d@example.com", role: "owner" })).status).toBe(201);
    expect((await invite({ email: "demo@rrhog.localhost", role: "viewer" })).status).toBe(409);
  });

  test.each([
    [`${PATH}/invitations`, { email: "nobody", role: "viewer" }, "email"],
    [`${PATH}/invitations`, { email: "a@example.com", role: "viewer", expires_in_h: 0 }, "expires_in_h"],
    ["/v1/auth/invitations/accept", { token: "x", name: "N", password: "too short" }, "password"],
    ["/v1/auth/invitations/accept", { token: "x", name: "N" }, "password"],
    ["/v1/auth/invitations/read", {}, "token"],
  ])("%s does not take %j", async (path, body, field) => {
    const answer = await send("POST", path, owner, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path: field }] });
  });
});

describe("projects", () => {
  test("are made by who manages one already, who owns the new one", async () => {
    const answer = await send("POST", "/v1/projects", owner, { name: " Second shop " });
    expect(answer.status).toBe(201);
    const made = (await answer.json()) as { id: number };
    expect(made).toMatchObject({ name: "Second shop", role: "owner" });
    expect((await api.get(`/v1/projects/${made.id}/members`, owner)).status).toBe(200);
    for (const role of ["member", "viewer", null]) {
      const { headers } = await person(role);
      expect((await send("POST", "/v1/projects", headers, { name: "Mine" })).status).toBe(403);
      expect((await api.get(`/v1/projects/${made.id}`, headers)).status).toBe(404);
    }
    expect((await send("POST", "/v1/projects", api.reader, { name: "Mine" })).status).toBe(403);
    expect((await send("POST", "/v1/projects", {}, { name: "Mine" })).status).toBe(401);
  });

  test("are renamed by who manages them", async () => {
    const answer = await send("PATCH", PATH, owner, { name: "The shop" });
    expect(await answer.json()).toMatchObject({ id: 1, name: "The shop" });
    expect(await (await api.get(PATH, owner)).json()).toMatchObject({ name: "The shop" });
    const { headers } = await person("member");
    expect((await send("PATCH", PATH, headers, { name: "x" })).status).toBe(403);
    for (const name of ["  ", "\ud800"]) {
      const bad = await send("PATCH", PATH, owner, { name });
      expect(await bad.json()).toMatchObject({ issues: [{ path: "name" }] });
    }
    expect(await api.sql`SELECT action, detail FROM audit_log`).toMatchObject([
      { action: "project.renamed", detail: { from: "Demo shop", to: "The shop" } },
    ]);
  });
});
