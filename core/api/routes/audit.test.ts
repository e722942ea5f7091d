import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry } from "../queries/audit.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;
const SESSION = randomUUID();
const PATH = "/v1/projects/1/audit";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  const payloads = recordedPage(T0);
  await load(api, { projectId: 1, sessionId: SESSION, windowId: "w", seq: 0, payloads, receivedAt: T0 });
  owner = await api.signIn();
});
afterAll(() => api.drop());
beforeEach(() => api.sql`DELETE FROM audit_log`);

async function entries(query = ""): Promise<AuditEntry[]> {
  const answer = await api.get(`${PATH}?${query}`, owner);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { entries: AuditEntry[] }).entries;
}
const actions = async (query = "") => (await entries(query)).map(({ action }) => action);
const change = (body: unknown) =>
  api.request("/v1/projects/1/settings", {
    method: "PATCH",
    headers: { ...owner, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

describe("who did what", () => {
  test("is kept with who, what and when, and not with what was written", async () => {
    await change({ recorder: { block: ".secret-class" }, redaction: { emails: true } });
    const [entry] = await entries();
    expect(entry).toEqual({
      id: expect.any(String),
      at: expect.any(String),
      actor: { kind: "person", id: expect.any(String), name: "demo@rrhog.localhost" },
      action: "settings.changed",
      target: null,
      detail: { changed: ["recorder.block", "redaction.emails"] },
    });
    expect(JSON.stringify(entry)).not.toContain("secret-class");
  });

  test("is nothing where nothing was done", async () => {
    expect((await change({ recorder: { sampleRate: 7 } })).status).toBe(400);
    expect(
      (await api.request(`/v1/projects/1/sessions/${randomUUID()}`, { method: "DELETE", headers: owner })).status,
    ).toBe(404);
    expect(await entries()).toEqual([]);
  });

  test("names a deleted session, and of a deleted person the receipt alone", async () => {
    await api.request(`/v1/projects/1/users/ada@example.com/data`, { method: "DELETE", headers: owner });
    const [entry] = await entries();
    expect(entry).toMatchObject({ action: "person.deleted", detail: { sessions: 0 } });
    const receipt = await api.get(`/v1/projects/1/deletions/${entry?.target}`, owner);
    expect(receipt.status).toBe(200);
    expect(JSON.stringify(entry)).not.toContain("ada@example.com");
  });

  test("outlives the person who did it", async () => {
    const [gone] = await api.sql`
      INSERT INTO users (email, name, email_verified) VALUES ('gone@example.com', 'Gone', true) RETURNING id`;
    await api.sql`
      INSERT INTO audit_log (project_id, actor_kind, actor_id, actor_name, action)
      VALUES (1, 'person', ${gone?.id}, 'gone@example.com', 'redaction.applied')`;
    await api.sql`DELETE FROM users WHERE id = ${gone?.id}`;
    expect(await entries(`actor=${gone?.id}`)).toMatchObject([{ actor: { name: "gone@example.com" } }]);
  });
});

describe("who watched what", () => {
  test("is an entry an hour for each person, key and session", async () => {
    const path = `/v1/projects/1/sessions/${SESSION}`;
    for (let i = 0; i < 3; i++) {
      await (await api.get(`${path}/events?limit=1`, owner)).text();
      await (await api.get(`${path}/events?limit=1`, api.reader)).text();
      await api.get(path, owner);
      await (await api.get(`/replay?read_key=dev_read_123&session_id=${SESSION}`)).text();
    }
    const watched = await entries(`target=${SESSION}`);
    expect(watched.map(({ action, actor }) => `${action} by ${actor.kind} ${actor.name}`).sort()).toEqual([
      "session.opened by person demo@rrhog.localhost",
      "session.played by key dev_read",
      "session.played by person demo@rrhog.localhost",
    ]);
    await api.sql`UPDATE audit_log SET at = at - interval '1 hour'`;
    await (await api.get(`${path}/events?limit=1`, owner)).text();
    expect(await actions("action=session.played")).toHaveLength(3);
  });

  test("is kept of those who read it in words, follow it live, ask in SQL or open a link to it", async () => {
    const path = `/v1/projects/1/sessions/${SESSION}`;
    const post = async (to: string, body: object) =>
      api.request(to, {
        method: "POST",
        headers: { ...owner, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const { token, share_id } = (await (await post(`${path}/shares`, {})).json()) as Record<string, string>;
    for (let i = 0; i < 2; i++) {
      await api.get(`${path}/transcript`, owner);
      await api.get(`${path}/timeline`, api.reader);
      const live = await api.get(`${path}/live`, owner);
      await live.body?.cancel();
      await (await api.get(`/v1/shared/${token}/events`)).text();
      expect((await api.get(`/v1/shared/${token}`)).status).toBe(200);
    }
    await post("/v1/projects/1/sql", { query: "SELECT 'jo@example.com'" });
    const seen = (await entries()).filter(({ action }) => action !== "share.created");
    expect(seen.map(({ action, actor }) => `${action} by ${actor.kind}`).sort()).toEqual([
      "session.opened by key",
      "session.opened by person",
      "session.played by person",
      "share.opened by share",
      "sql.run by person",
    ]);
    const opened = seen.find(({ action }) => action === "share.opened");
    expect(opened).toMatchObject({ target: SESSION, actor: { id: share_id } });
    const ran = seen.find(({ action }) => action === "sql.run");
    expect(ran?.target).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(seen)).not.toContain("jo@example.com");
  });

  test("is nothing where nothing could be seen", async () => {
    await api.get(`/v1/projects/1/sessions/${randomUUID()}/events`, owner);
    await api.get(`/v1/projects/${OTHER.id}/sessions/${SESSION}/events`, owner);
    expect(await entries()).toEqual([]);
  });
});

describe("the log", () => {
  test("is read page by page, newest first, and by person, action and time", async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    for (let i = 0; i < 5; i++) {
      await api.sql`
        INSERT INTO audit_log (project_id, at, actor_kind, actor_id, actor_name, action, target)
        VALUES (1, ${new Date(T0 + i * 60_000)}, 'person', ${i % 2 ? a : b}, 'x', 'key.revoked', ${String(i)})`;
    }
    await api.sql`
      INSERT INTO audit_log (project_id, actor_kind, actor_id, actor_name, action, target)
      VALUES (${OTHER.id}, 'person', ${a}, 'x', 'key.revoked', 'of another project')`;
    const seen: (string | null)[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const answer: Response = await api.get(`${PATH}?limit=2${cursor && `&cursor=${cursor}`}`, owner);
      const page = (await answer.json()) as { entries: AuditEntry[]; next_cursor: string | null };
      seen.push(...page.entries.map(({ target }) => target));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(["4", "3", "2", "1", "0"]);
    const targets = async (query: string) => (await entries(query)).map(({ target }) => target);
    expect(await targets(`actor=${a}`)).toEqual(["3", "1"]);
    expect(await targets("action=key.created")).toEqual([]);
    const [from, to] = [T0 + 60_000, T0 + 180_000].map((at) => new Date(at).toISOString());
    expect(await targets(`from=${from}&to=${to}`)).toEqual(["2", "1"]);
  });

  test.each([
    ["actor=me", "actor"],
    ["action=everything", "action"],
    ["from=yesterday", "from"],
    ["limit=0", "limit"],
    ["cursor=x", "cursor"],
  ])("names what is malformed: %s", async (query, path) => {
    const answer = await api.get(`${PATH}?${query}`, owner);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ issues: [{ path }] });
  });

  test.each(["member", "viewer"])("is not read as %s, nor with a read key", async (role) => {
    await api.sql`UPDATE memberships SET role = ${role}`;
    expect((await api.get(PATH, owner)).status).toBe(403);
    await api.sql`UPDATE memberships SET role = 'owner'`;
    expect((await api.get(PATH, api.reader)).status).toBe(403);
  });
});
