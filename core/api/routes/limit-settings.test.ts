import { afterAll, beforeAll, expect, test } from "vitest";
import { secretHash } from "../secret-hash.ts";
import { EDGE_SECRET, OTHER, startTestApi, type TestApi } from "../testing/api.ts";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());

const PATH = "/v1/projects/1/settings";
const change = (limits: unknown, headers = owner) =>
  api.request(PATH, {
    method: "PATCH",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ limits }),
  });
const limits = async (path = PATH) => ((await (await api.get(path, owner)).json()) as { limits: object }).limits;

const DEFAULTS = {
  allowed_origins: [],
  sample_rate: 1,
  requests_per_second: null,
  bytes_per_second: null,
  quota_sessions_per_month: null,
  quota_bytes_per_month: null,
  retention_days: 90,
};

test("a project's limits are changed member by member, and reach the edge", async () => {
  expect(await limits()).toEqual(DEFAULTS);
  const asked = {
    allowed_origins: ["https://Shop.example", "https://*.shop.example", "http://localhost:8790"],
    quota_sessions_per_month: 100_000,
    retention_days: 30,
  };
  expect((await change(asked)).status).toBe(200);
  expect((await change({ sample_rate: 0.5, quota_bytes_per_month: 5e12 })).status).toBe(200);
  const now = {
    ...DEFAULTS,
    ...asked,
    allowed_origins: ["https://shop.example", "https://*.shop.example", "http://localhost:8790"],
    sample_rate: 0.5,
    quota_bytes_per_month: 5e12,
  };
  expect(await limits()).toEqual(now);
  const atEdge = await api.get(`/edge/projects/${secretHash("dev_write_123").toString("hex")}`, {
    authorization: `Bearer ${EDGE_SECRET}`,
  });
  const { allowed_origins, sample_rate, retention_days } = now;
  expect(await atEdge.json()).toMatchObject({ allowed_origins, sample_rate, retention_days });
  expect((await change({ quota_sessions_per_month: null, allowed_origins: [] })).status).toBe(200);
  expect(await limits()).toMatchObject({ quota_sessions_per_month: null, allowed_origins: [], sample_rate: 0.5 });
  const [theirs] = await api.sql`SELECT sample_rate, retention_days FROM projects WHERE id = ${OTHER.id}`;
  expect(theirs).toEqual({ sample_rate: 1, retention_days: 90 });
});

test.each([
  [{ allowed_origins: ["shop.example"] }, "limits.allowed_origins.0"],
  [{ allowed_origins: ["https://shop.example/path"] }, "limits.allowed_origins.0"],
  [{ allowed_origins: ["https://*"] }, "limits.allowed_origins.0"],
  [{ sample_rate: 1.1 }, "limits.sample_rate"],
  [{ sample_rate: null }, "limits.sample_rate"],
  [{ requests_per_second: 0 }, "limits.requests_per_second"],
  [{ quota_sessions_per_month: -1 }, "limits.quota_sessions_per_month"],
  [{ quota_bytes_per_month: 0.5 }, "limits.quota_bytes_per_month"],
  [{ retention_days: 0 }, "limits.retention_days"],
  [{ jurisdiction: "eu" }, "limits"],
])("they cannot be %j", async (body, path) => {
  const answer = await change(body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ issues: [{ path }] });
});

test("they are changed by owners and admins", async () => {
  await api.sql`UPDATE memberships SET role = 'member'`;
  expect((await change({ retention_days: 1 })).status).toBe(403);
  await api.sql`UPDATE memberships SET role = 'owner'`;
  expect((await change({ retention_days: 1 }, api.reader)).status).toBe(403);
});
