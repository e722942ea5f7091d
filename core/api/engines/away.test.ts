import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { secretHash } from "../secret-hash.ts";
import { seedDemo } from "../seed-demo.ts";
import { EDGE_SECRET, openApi } from "../testing/api.ts";
import { type Freezable, freezable } from "../testing/freezable.ts";
import { load, recordedPage } from "../testing/recording.ts";
import { isClickHouseAway, isPostgresAway } from "./away.ts";

const T0 = Date.now() - 86_400_000;
const SESSION = randomUUID();
const DEV_WRITE_HASH = secretHash("dev_write_123").toString("hex");

/** Each of the routes that ask the engine, and what they ask for. */
const ASKS_POSTGRES = [
  "/v1/projects",
  "/v1/projects/1/sessions",
  `/v1/projects/1/sessions/${SESSION}/events`,
  "/sessions?read_key=dev_read_123",
];
const ASKS_CLICKHOUSE = [
  `/v1/projects/1/sessions/${SESSION}`,
  `/v1/projects/1/sessions/${SESSION}/events`,
  `/v1/projects/1/sessions/${SESSION}/ledger`,
  "/v1/projects/1/query/pageviews",
  `/replay?session_id=${SESSION}&read_key=dev_read_123`,
];

let engines: FreshDatabases;
let ways: { postgres: Freezable; clickhouse: Freezable };
let api: ReturnType<typeof openApi>;
let clients: Pick<FreshDatabases, "sql" | "clickhouse">;

beforeAll(async () => {
  engines = await freshDatabases();
  await seedDemo(engines.sql);
  const payloads = recordedPage(T0);
  await load(engines, { projectId: 1, sessionId: SESSION, windowId: "w", seq: 0, payloads, receivedAt: T0 });
  ways = { postgres: await freezable(engines.postgresUrl), clickhouse: await freezable(engines.clickhouseUrl) };
  clients = { sql: openPostgres(ways.postgres.url, "test"), clickhouse: openClickHouse(ways.clickhouse.url, "test") };
  api = openApi({ ...engines, ...clients });
});
afterAll(async () => {
  await clients.sql.end({ timeout: 0 });
  await clients.clickhouse.close();
  ways.postgres.close();
  ways.clickhouse.close();
  await engines.drop();
});

async function expectAway(path: string, engine: string, headers = api.reader): Promise<void> {
  const answer = await api.get(path, headers);
  expect(answer.status, path).toBe(503);
  expect(answer.headers.get("retry-after"), path).not.toBeNull();
  expect(await answer.json(), path).toMatchObject({
    code: "storage_unavailable",
    detail: expect.stringContaining(engine),
  });
}

async function expectAllIsWell(): Promise<void> {
  // Each of the connections has its own to catch up with.
  for (const path of ["/healthz", ...ASKS_POSTGRES, ...ASKS_CLICKHOUSE]) {
    await expect.poll(async () => (await api.get(path, api.reader)).status, { message: path }).toBe(200);
  }
}

describe("an engine that has frozen", () => {
  test("Postgres: every answer that needs it is a 503 that says so, and all is well afterwards", async () => {
    await expectAllIsWell();
    ways.postgres.freeze();
    await Promise.all([
      ...ASKS_POSTGRES.map((path) => expectAway(path, "postgres")),
      expectAway(`/edge/projects/${DEV_WRITE_HASH}`, "postgres", { authorization: `Bearer ${EDGE_SECRET}` }),
    ]);
    const health = await api.get("/healthz");
    expect(health.status).toBe(503);
    expect(await health.json()).toEqual({
      status: "unavailable",
      engines: { postgres: "away", clickhouse: "up" },
    });
    ways.postgres.thaw();
    await expectAllIsWell();
  });

  test("ClickHouse: lists still come, what is recorded does not", async () => {
    await expectAllIsWell();
    ways.clickhouse.freeze();
    expect((await api.get("/v1/projects/1/sessions", api.reader)).status).toBe(200);
    await Promise.all(ASKS_CLICKHOUSE.map((path) => expectAway(path, "clickhouse")));
    expect(await (await api.get("/healthz")).json()).toMatchObject({ engines: { postgres: "up", clickhouse: "away" } });
    ways.clickhouse.thaw();
    await expectAllIsWell();
  });

  test("sign-in neither waits for ever nor takes a right password for a wrong one", async () => {
    ways.postgres.freeze();
    const answer = await api.request("/v1/auth/demo", { method: "POST" });
    expect(answer.status).toBe(503);
    ways.postgres.thaw();
    await expectAllIsWell();
    expect((await api.request("/v1/auth/demo", { method: "POST" })).status).toBe(200);
  });
});

describe("an engine that is not there", () => {
  test("is named, too", async () => {
    const nowhere = {
      sql: openPostgres("postgres://x@127.0.0.1:9/x", "test"),
      clickhouse: openClickHouse("http://127.0.0.1:9", "test"),
    };
    const lost = openApi({ ...engines, ...nowhere });
    const health = await lost.get("/healthz");
    expect(await health.json()).toEqual({ status: "unavailable", engines: { postgres: "away", clickhouse: "away" } });
    expect((await lost.get("/v1/projects", api.reader)).status).toBe(503);
    expect((await lost.request("/v1/auth/demo", { method: "POST" })).status).toBe(503);
    const half = openApi({ ...engines, clickhouse: nowhere.clickhouse });
    expect((await half.get(`/v1/projects/1/sessions/${SESSION}/events`, api.reader)).status).toBe(503);
    await nowhere.sql.end({ timeout: 0 });
    await nowhere.clickhouse.close();
  });

  test.each([
    ["57P01", true], // the server shuts down
    ["57014", true], // statement_timeout
    ["53300", true], // too many connections
    ["CONNECT_TIMEOUT", true],
    ["CONNECTION_CLOSED", true],
    ["ECONNREFUSED", true],
    ["42P01", false], // no such table: trying again mends nothing
    ["22P02", false],
    [undefined, false],
  ])("Postgres' %s: not now is %s", (code, away) => {
    expect(isPostgresAway(Object.assign(new Error("x"), { code }))).toBe(away);
  });

  test("our own mistakes are no outage of ClickHouse", async () => {
    const mistake = await engines.clickhouse.query({ query: "SELECT nothing FROM nowhere" }).catch((error) => error);
    expect(isClickHouseAway(mistake)).toBe(false);
    expect(isClickHouseAway(new Error("ours"))).toBe(false);
    const timeout = { max_execution_time: 1 };
    const slow = await engines.clickhouse
      .command({
        query: "SELECT sleepEachRow(1) FROM numbers(5) SETTINGS max_block_size = 1",
        clickhouse_settings: timeout,
      })
      .catch((error) => error);
    expect(isClickHouseAway(slow)).toBe(true);
  });
});
