import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RECORDER_SETTINGS_LENGTH_MAX } from "#protocol/recorder-settings.ts";
import { secretHash } from "../secret-hash.ts";
import { EDGE_SECRET, startTestApi, type TestApi } from "../testing/api.ts";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());
beforeEach(async () => {
  await api.sql`UPDATE projects SET recorder_settings = DEFAULT`;
  await api.sql`DELETE FROM redaction_rules`;
});

interface Settings {
  recorder: object;
  redaction: { version: number };
}

const PATH = "/v1/projects/1/settings";
const settings = async (headers = api.reader) => (await api.get(PATH, headers)).json() as Promise<Settings>;
const read = async (headers = api.reader) => ({ recorder: (await settings(headers)).recorder });
const change = (body: unknown, headers = owner) =>
  api.request(PATH, {
    method: "PATCH",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

describe("what a project asks of its recorders", () => {
  test("is nothing until somebody says so, and then what they said, member by member", async () => {
    expect(await read()).toEqual({ recorder: {} });
    const answer = await change({ recorder: { sampleRate: 0.1, sampleOnError: true, ignoreUrls: ["/account/*"] } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      recorder: { sampleRate: 0.1, sampleOnError: true, ignoreUrls: ["/account/*"] },
    });
    await change({ recorder: { sampleRate: 0.5, ignoreUrls: null, privacy: "strict" } });
    expect(await read()).toEqual({ recorder: { sampleRate: 0.5, sampleOnError: true, privacy: "strict" } });
  });

  test("reaches the edge with what it asks of a key, and is no other project's", async () => {
    await change({ recorder: { minDurationMs: 5_000, block: ".card" } });
    const asked = (key: string) =>
      api.get(`/edge/projects/${secretHash(key).toString("hex")}`, { authorization: `Bearer ${EDGE_SECRET}` });
    expect(await (await asked("dev_write_123")).json()).toMatchObject({
      recorder: { minDurationMs: 5_000, block: ".card" },
    });
    expect(await (await asked("other_write_456")).json()).toMatchObject({ recorder: {} });
  });

  test("may have members of a newer release: they are kept, and not shown", async () => {
    await api.sql`UPDATE projects SET recorder_settings = '{"ofTomorrow": 1}' WHERE id = 1`;
    expect(await (await change({ recorder: { recordCanvas: true } })).json()).toMatchObject({
      recorder: { recordCanvas: true },
    });
    const [row] = await api.sql`SELECT recorder_settings FROM projects WHERE id = 1`;
    expect(row?.recorder_settings).toEqual({ ofTomorrow: 1, recordCanvas: true });
  });

  test.each([
    ["a rate above 1", { sampleRate: 1.5 }, "recorder.sampleRate"],
    ["a preset that there is not", { privacy: "lax" }, "recorder.privacy"],
    ["a name that there is not", { sample_rate: 1 }, "recorder"],
    ["an empty pattern", { ignoreUrls: ["  "] }, "recorder.ignoreUrls.0"],
    ["a pattern with U+0000", { recordUrls: ["/a\0"] }, "recorder.recordUrls.0"],
    ["a selector with U+0000", { maskText: "a\0b" }, "recorder.maskText"],
    ["half of a character", { startOnEvent: "a\ud800" }, "recorder.startOnEvent"],
  ])("cannot be %s", async (_, recorder, path) => {
    const answer = await change({ recorder });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "body_malformed", issues: [{ path }] });
    expect(await read()).toEqual({ recorder: {} });
  });

  test("cannot be longer than what every page may load, all together", async () => {
    const patterns = (name: string) => Array.from({ length: 10 }, (_, i) => `/${name}/${i}/${"a".repeat(400)}`);
    expect((await change({ recorder: { ignoreUrls: patterns("one") } })).status).toBe(200);
    const answer = await change({ recorder: { recordUrls: patterns("two") } });
    expect(answer.status).toBe(413);
    expect(JSON.stringify(await answer.json())).toContain(String(RECORDER_SETTINGS_LENGTH_MAX));
    expect(await read()).toEqual({ recorder: { ignoreUrls: patterns("one") } });
  });

  test.each(["owner", "admin"])("is changed as %s", async (role) => {
    await api.sql`UPDATE memberships SET role = ${role}`;
    expect((await change({ recorder: { console: false } })).status).toBe(200);
    await api.sql`UPDATE memberships SET role = 'owner'`;
  });

  test.each(["member", "viewer"])("is not changed as %s, who may read it", async (role) => {
    await api.sql`UPDATE memberships SET role = ${role}`;
    expect((await change({ recorder: { console: false } })).status).toBe(403);
    expect(await read(owner)).toEqual({ recorder: {} });
    await api.sql`UPDATE memberships SET role = 'owner'`;
  });
});

describe("what a project makes unreadable", () => {
  const DEFAULTS = { cards: true, emails: false, ibans: false, jwts: false, keys: false, own: [] };
  const own = [{ name: "order", pattern: "(?i)order-[0-9]{6}" }];
  const redaction = async () => (await settings()).redaction;

  test("is card numbers until somebody says more; each change is a version, and who made it is kept", async () => {
    expect(await redaction()).toEqual({ version: 1, ...DEFAULTS });
    expect((await change({ redaction: { emails: true, own } })).status).toBe(200);
    expect(await redaction()).toEqual({ version: 2, ...DEFAULTS, emails: true, own });
    await change({ redaction: { emails: true } });
    expect(await redaction()).toMatchObject({ version: 2, own });
    await change({ redaction: { cards: false, own: [] }, recorder: { console: false } });
    expect(await settings()).toMatchObject({
      recorder: { console: false },
      redaction: { version: 3, ...DEFAULTS, cards: false, emails: true },
    });
    const history = await api.sql`
      SELECT version, rules, changed_by IS NOT NULL AS known FROM redaction_rules ORDER BY version`;
    expect(history).toMatchObject([
      { version: 2, rules: { cards: true, own }, known: true },
      { version: 3, rules: { cards: false, own: [] }, known: true },
    ]);
  });

  test.each([
    ["a rule that there is not", { passports: true }, "redaction"],
    ["an expression that is broken", { own: [{ name: "a", pattern: "(" }] }, "redaction.own.0.pattern"],
    ["one that looks back", { own: [{ name: "a", pattern: "(?<=a)b" }] }, "redaction.own.0.pattern"],
    ["one that matches nothing", { own: [{ name: "a", pattern: "b*" }] }, "redaction.own.0.pattern"],
    ["one that is too long", { own: [{ name: "a", pattern: "b".repeat(201) }] }, "redaction.own.0.pattern"],
    ["one with U+0000", { own: [{ name: "a", pattern: "b\0" }] }, "redaction.own.0.pattern"],
    ["one of half a name", { own: [{ name: "a\ud800", pattern: "b" }] }, "redaction.own.0.name"],
    ["two of one name", { own: [...own, ...own] }, "redaction.own"],
    ["too many", { own: Array.from({ length: 21 }, (_, i) => ({ name: `${i}`, pattern: "a" })) }, "redaction.own"],
  ])("cannot be %s", async (_, rules, path) => {
    const answer = await change({ redaction: rules });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "body_malformed", issues: [{ path }] });
    expect(await redaction()).toMatchObject({ version: 1 });
  });

  test("is changed by one request at a time", async () => {
    const answers = await Promise.all(
      ["a", "b", "c"].map((name) => change({ redaction: { own: [{ name, pattern: name }] } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await redaction()).toMatchObject({ version: 4 });
  });

  test("can be tried on a text first", async () => {
    const attempt = (body: object) =>
      api.request(`${PATH}/redaction/try`, {
        method: "POST",
        headers: { ...owner, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const text = "Order-123456 by ada@shop.test with 4111 1111 1111 1111";
    expect(await (await attempt({ text })).json()).toEqual({
      text: "Order-123456 by ada@shop.test with **** **** **** ****",
      found: [{ rule: "card" }],
    });
    expect(await (await attempt({ text, redaction: { cards: false, emails: true, own } })).json()).toEqual({
      text: "************ by ************* with 4111 1111 1111 1111",
      found: [{ rule: "email" }, { rule: "own", name: "order" }],
    });
    expect(await redaction()).toMatchObject({ version: 1 });
  });

  test.each(["member", "viewer"])("is not changed as %s", async (role) => {
    await api.sql`UPDATE memberships SET role = ${role}`;
    expect((await change({ redaction: { cards: false } })).status).toBe(403);
    await api.sql`UPDATE memberships SET role = 'owner'`;
  });
});
