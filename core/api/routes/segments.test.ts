import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";

let api: TestApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  headers = { ...(await api.signIn()), "content-type": "application/json" };
});
afterAll(() => api.drop());

interface Segment {
  segment_id: string;
  name: string;
  filters: Record<string, unknown>;
}

const PATH = "/v1/projects/1/segments";
const send = (method: string, path: string, body?: unknown) =>
  api.request(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });

async function saved(name: string, filters: unknown): Promise<Segment> {
  const answer = await send("POST", PATH, { name, filters });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json()) as Segment;
}

async function segments(path = PATH, as = api.reader): Promise<Segment[]> {
  const { segments } = (await (await api.get(path, as)).json()) as { segments: Segment[] };
  return segments;
}

test("filters are saved as they stand in a list's address, changed, and deleted", async () => {
  const filters = { event: "bought", property: ["total:gte:100", "plan:eq:pro"], country: "de", has_errors: "true" };
  const buyers = await saved(" Buyers ", filters);
  expect(buyers).toMatchObject({ name: "Buyers", filters, created_by: { name: expect.any(String) } });
  const all = await saved("all", {});
  expect(await segments()).toEqual([all, buyers]);

  const query = new URLSearchParams(
    Object.entries(buyers.filters).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)])),
  );
  expect((await api.get(`/v1/projects/1/sessions?${query}`, api.reader)).status).toBe(200);

  const changed = { name: "Buyers of Austria", filters: { country: "AT" } };
  const answer = await send("PUT", `${PATH}/${buyers.segment_id}`, changed);
  expect(await answer.json()).toMatchObject({ ...changed, segment_id: buyers.segment_id });
  expect((await send("DELETE", `${PATH}/${all.segment_id}`)).status).toBe(204);
  expect(await segments()).toMatchObject([changed]);
  expect((await send("DELETE", `${PATH}/${all.segment_id}`)).status).toBe(404);
});

test("outlive who saved them", async () => {
  const { segment_id } = await saved("left", {});
  await api.sql`UPDATE segments SET created_by = NULL WHERE id = ${segment_id}`;
  expect(await segments()).toContainEqual(expect.objectContaining({ segment_id, created_by: null }));
});

test("another project's are not there", async () => {
  await api.sql`INSERT INTO segments (project_id, name, filters) VALUES (2, 'theirs', '{}')`;
  const [theirs] = await segments("/v1/projects/2/segments", { authorization: "Bearer other_read_456" });
  expect(theirs).toMatchObject({ name: "theirs" });
  expect((await segments()).map(({ name }) => name)).not.toContain("theirs");
  const at = `${PATH}/${theirs?.segment_id}`;
  expect((await send("PUT", at, { name: "mine", filters: {} })).status).toBe(404);
  expect((await send("DELETE", at)).status).toBe(404);
  expect((await send("PUT", `${PATH}/${randomUUID()}`, { name: "mine", filters: {} })).status).toBe(404);
  expect(await segments("/v1/projects/2/segments", { authorization: "Bearer other_read_456" })).toEqual([theirs]);
});

test("are for members to change, and for viewers to read", async () => {
  await api.sql`UPDATE memberships SET role = 'member'`;
  const { segment_id } = await saved("a member's", {});
  await api.sql`UPDATE memberships SET role = 'viewer'`;
  expect((await send("POST", PATH, { name: "a viewer's", filters: {} })).status).toBe(403);
  expect((await send("DELETE", `${PATH}/${segment_id}`)).status).toBe(403);
  expect((await segments(PATH, headers)).map(({ segment_id }) => segment_id)).toContain(segment_id);
  await api.sql`UPDATE memberships SET role = 'owner'`;
});

test("are as many as a list shows", async () => {
  await api.sql`
    INSERT INTO segments (project_id, name, filters)
    SELECT 1, 'more', '{}' FROM generate_series(1, 500 - (SELECT count(*) FROM segments WHERE project_id = 1))`;
  expect((await send("POST", PATH, { name: "one more", filters: {} })).status).toBe(403);
  expect(await segments()).toHaveLength(500);
});

test.each<[unknown, string]>([
  [{ filters: {} }, "name"],
  [{ name: " ", filters: {} }, "name"],
  [{ name: "x".repeat(101), filters: {} }, "name"],
  [{ name: "x\0", filters: {} }, "name"],
  [{ name: "x" }, "filters"],
  [{ name: "x", filters: [] }, "filters"],
  [{ name: "x", filters: { country: "Germany" } }, "filters.country"],
  [{ name: "x", filters: { country: 7 } }, "filters.country"],
  [{ name: "x", filters: { event: "a\ud800" } }, "filters.event"],
  [{ name: "x", filters: { event: "a\0" } }, "filters.event"],
  [{ name: "x", filters: { property: ["a:eq:b"] } }, "filters.property"],
  [{ name: "x", filters: { event: "a", property: ["b"] } }, "filters.property.0"],
  [{ name: "x", filters: { limit: "5" } }, "filters"],
  [{ name: "x", filters: {}, shared: true }, ""],
])("%j is a 400 that names %s", async (body, path) => {
  const answer = await send("POST", PATH, body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "body_malformed", issues: [{ path }] });
});
