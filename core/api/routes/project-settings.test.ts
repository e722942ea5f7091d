import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RECORDER_SETTINGS_LENGTH_MAX } from "#protocol/recorder-settings.ts";
import { keyHash } from "../key-hash.ts";
import { EDGE_SECRET, startTestApi, type TestApi } from "../testing/api.ts";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());
beforeEach(() => api.sql`UPDATE projects SET recorder_settings = DEFAULT`);

const PATH = "/v1/projects/1/settings";
const read = async (headers = api.reader) => {
  const { recorder } = (await (await api.get(PATH, headers)).json()) as { recorder: object };
  return { recorder };
};
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
      api.get(`/edge/projects/${keyHash(key).toString("hex")}`, { authorization: `Bearer ${EDGE_SECRET}` });
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
