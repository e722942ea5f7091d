import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import { startTestNats } from "../../test/support/nats.ts";

describe("test databases", () => {
  let databases: FreshDatabases;
  beforeAll(async () => {
    databases = await freshDatabases();
  });
  afterAll(() => databases.drop());

  it("are migrated, each file's its own", async () => {
    const rows = await databases.sql`SELECT name FROM schema_migrations`;
    expect(rows.map((row) => row.name)).toContain("clickhouse/001_events_rrweb.sql");
    const tables = await databases.clickhouse.query({ query: "SHOW TABLES", format: "JSONEachRow" });
    expect(await tables.json()).toContainEqual({ name: "events_rrweb" });
  });
});

describe("test nats", () => {
  it("comes back on the same ports after a kill", async () => {
    const nats = await startTestNats();
    await nats.kill();
    await nats.start();
    expect((await fetch(`${nats.httpUrl}/healthz`)).status).toBe(200);
    await nats.drop();
  });
});
