import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { load, loadCustom, recordedPage } from "../testing/recording.ts";

const T0 = Date.now() - 86_400_000;

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());

async function recorded(userId: string | null = null, projectId = 1): Promise<string> {
  const sessionId = randomUUID();
  const payloads = recordedPage(T0, { href: "https://shop.example/deleted" });
  await load(api, { projectId, sessionId, windowId: "w", seq: 0, payloads, receivedAt: T0, row: { user_id: userId } });
  return sessionId;
}

const remove = (path: string) => api.request(`/v1/projects/1${path}`, { method: "DELETE", headers: owner });
const read = async (path: string) => (await api.get(`/v1/projects/1${path}`, owner)).json() as Promise<unknown>;
const views = async () => {
  const { total } = (await read("/query/pageviews")) as { total: number };
  const { total: sessions } = (await read("/query/sessions")) as { total: number };
  return { views: total, sessions };
};

describe("deleting a session", () => {
  test("takes it out of every read at once, and answers with a receipt", async () => {
    const session = await recorded();
    const before = await views();
    const answer = await remove(`/sessions/${session}`);
    expect(answer.status).toBe(202);
    const receipt = (await answer.json()) as { receipt_id: string };
    expect(receipt).toMatchObject({
      kind: "session",
      session_id: session,
      status: "pending",
      sessions: 1,
      removed: {},
      still_held: { stream_until: null },
    });
    for (const path of ["", "/events", "/ledger", "/timeline"]) {
      expect((await api.get(`/v1/projects/1/sessions/${session}${path}`, owner)).status, path).toBe(404);
    }
    expect((await api.get(`/replay?session_id=${session}&read_key=dev_read_123`)).status).toBe(404);
    expect(JSON.stringify(await read("/sessions"))).not.toContain(session);
    expect(await views()).toEqual({ views: before.views - 1, sessions: before.sessions - 1 });
    expect(await read(`/deletions/${receipt.receipt_id}`)).toEqual(receipt);
    expect(await read("/deletions")).toMatchObject({ receipts: [receipt] });
  });

  test("twice is deleting it once", async () => {
    const session = await recorded();
    const [first, second] = [await remove(`/sessions/${session}`), await remove(`/sessions/${session}`)];
    expect(await second.json()).toEqual(await first.json());
  });

  test("that nobody knows is a 404, and another project's stays", async () => {
    const theirs = await recorded(null, OTHER.id);
    expect((await remove(`/sessions/${randomUUID()}`)).status).toBe(404);
    expect((await remove(`/sessions/${theirs}`)).status).toBe(404);
    expect(await api.sql`SELECT FROM tombstones WHERE session_id = ${theirs}`).toHaveLength(0);
  });

  test("is said to be done, with what was taken away and until when the stream holds some", async () => {
    const session = await recorded();
    const { receipt_id } = (await (await remove(`/sessions/${session}`)).json()) as { receipt_id: string };
    await api.sql`
      UPDATE tombstones SET removed = '{"events_rrweb": 12}', passed_at = '2026-11-26T10:00:00Z', done_at = now()
      WHERE session_id = ${session}`;
    expect(await read(`/deletions/${receipt_id}`)).toMatchObject({
      status: "done",
      removed: { events_rrweb: 12 },
      still_held: { stream_until: "2026-11-27T10:00:00.000Z" },
    });
  });
});

describe("deleting many sessions", () => {
  const removeAll = (body: object) =>
    api.request("/v1/projects/1/sessions/delete", {
      method: "POST",
      headers: { ...owner, "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  test("gives a receipt each, and says which are not there", async () => {
    const [one, two, theirs, nobodys] = [
      await recorded(),
      await recorded(),
      await recorded(null, OTHER.id),
      randomUUID(),
    ];
    await remove(`/sessions/${two}`);
    const answer = await removeAll({ session_ids: [one, two, theirs, nobodys, one] });
    expect(answer.status).toBe(202);
    const { receipts, not_found } = (await answer.json()) as {
      receipts: { session_id: string }[];
      not_found: string[];
    };
    expect(receipts.map(({ session_id }) => session_id).toSorted()).toEqual([one, two].toSorted());
    expect(receipts).toMatchObject([{ status: "pending" }, { status: "pending" }]);
    expect(not_found).toEqual([theirs, nobodys]);
    for (const session of [one, two]) {
      expect((await api.get(`/v1/projects/1/sessions/${session}`, owner)).status).toBe(404);
    }
    expect(await api.sql`SELECT FROM tombstones WHERE session_id = ${theirs}`).toHaveLength(0);
  });

  test("takes a thousand at once", async () => {
    const many = Array.from({ length: 999 }, () => randomUUID());
    const answer = await removeAll({ session_ids: [...many, await recorded()] });
    expect(answer.status).toBe(202);
    expect(((await answer.json()) as { not_found: string[] }).not_found).toHaveLength(999);
  });

  test("of another project, or unknown ones only, is a 404; malformed ids are named", async () => {
    expect((await removeAll({ session_ids: [await recorded(null, OTHER.id), randomUUID()] })).status).toBe(404);
    for (const [body, path] of [
      [{ session_ids: [] }, "session_ids"],
      [{ session_ids: ["x"] }, "session_ids.0"],
      [{}, "session_ids"],
      [{ session_ids: Array.from({ length: 1_001 }, () => randomUUID()) }, "session_ids"],
    ] as const) {
      const answer = await removeAll(body);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ issues: [{ path }] });
    }
  });
});

describe("deleting a person", () => {
  test("shows first whose sessions those are, and takes all of them", async () => {
    const shared = await recorded("grace");
    const [payloads, receivedAt] = [recordedPage(T0 + 5_000), T0 + 1];
    await load(api, {
      projectId: 1,
      sessionId: shared,
      windowId: "w",
      seq: 1,
      payloads,
      receivedAt,
      row: { user_id: "eve" },
    });
    const [own, onlyCustom, others] = [await recorded("grace"), randomUUID(), await recorded("alan")];
    await loadCustom(api, {
      projectId: 1,
      sessionId: onlyCustom,
      windowId: "w",
      receivedAt: T0,
      events: [{ name: "bought", ts: T0 }],
    });
    await api.clickhouse.command({
      query: `ALTER TABLE events UPDATE user_id = 'grace' WHERE session_id = '${onlyCustom}'`,
      clickhouse_settings: { mutations_sync: "2" },
    });

    const preview = (await read("/users/grace/data")) as { sessions: { session_id: string; other_users: string[] }[] };
    expect(preview.sessions.toSorted((a, b) => a.other_users.length - b.other_users.length)).toEqual([
      ...[own, onlyCustom].toSorted().map((session_id) => ({ session_id, other_users: [] })),
      { session_id: shared, other_users: ["eve"] },
    ]);
    const refused = await remove("/users/grace/data?shared=refuse");
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("1 of 3 sessions"),
    });
    expect(await read("/users/grace/data")).toEqual(preview);
    expect((await remove("/users/grace/data?shared=keep")).status).toBe(400);
    const receipt = (await (await remove("/users/grace/data")).json()) as { receipt_id: string };
    expect(receipt).toMatchObject({ kind: "user", user_id: "grace", session_id: null, sessions: 3, status: "pending" });
    for (const session of [own, shared]) {
      expect((await api.get(`/v1/projects/1/sessions/${session}`, owner)).status).toBe(404);
    }
    expect((await api.get(`/v1/projects/1/sessions/${others}`, owner)).status).toBe(200);

    await api.sql`
      UPDATE tombstones SET removed = '{"events": 2}', passed_at = '2026-11-26T10:00:00Z', done_at = now()
      WHERE cause = ${receipt.receipt_id}`;
    await api.sql`UPDATE tombstones SET done_at = now() WHERE id = ${receipt.receipt_id}`;
    expect(await read(`/deletions/${receipt.receipt_id}`)).toMatchObject({
      status: "done",
      removed: { events: 6 },
      still_held: { stream_until: "2026-11-27T10:00:00.000Z" },
    });
  });

  test("is shown before in pages that together are the whole, with the counts of all", async () => {
    const sessions = await Promise.all(Array.from({ length: 5 }, () => recorded("heidi")));
    const [shared = ""] = sessions;
    const payloads = recordedPage(T0, { href: "https://shop.example/shared" });
    const by = { projectId: 1, sessionId: shared, windowId: "w", payloads, receivedAt: T0 };
    await load(api, { ...by, seq: 1, row: { user_id: "eve" } }, { ...by, seq: 2, row: { user_id: "ivan" } });
    const whole = await read("/users/heidi/data");
    expect(whole).toEqual({
      session_count: 5,
      shared_count: 1,
      sessions: sessions
        .toSorted()
        .map((session_id) => ({ session_id, other_users: session_id === shared ? ["eve", "ivan"] : [] })),
      next_cursor: null,
    });
    const paged: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = (await read(`/users/heidi/data?limit=2${cursor && `&cursor=${cursor}`}`)) as typeof whole & {
        sessions: unknown[];
        next_cursor: string | null;
      };
      expect(page).toMatchObject({ session_count: 5, shared_count: 1 });
      expect(page.sessions.length).toBeLessThanOrEqual(2);
      paged.push(...page.sessions);
      cursor = page.next_cursor;
    }
    expect({ sessions: paged }).toEqual({ sessions: (whole as { sessions: unknown[] }).sessions });
    expect((await api.get("/v1/projects/1/users/heidi/data?limit=1001", owner)).status).toBe(400);
  });

  test("of whom nothing is known yet counts for what comes late", async () => {
    expect(await (await remove("/users/nobody%20yet/data")).json()).toMatchObject({
      user_id: "nobody yet",
      sessions: 0,
    });
  });
});
