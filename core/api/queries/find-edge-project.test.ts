import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { secretHash } from "../secret-hash.ts";
import { findEdgeProject } from "./find-edge-project.ts";
import { MonthlyUse, utcMonth } from "./monthly-use.ts";

const NOON = Date.UTC(2026, 11, 9, 12);
const DECEMBER = Date.UTC(2026, 11, 1);
const JANUARY = Date.UTC(2027, 0, 1);
const DAY = 86_400_000;
/** A count is remembered no longer, even one that took a busy machine a minute. */
const HOUR = 3_600_000;

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Shop'), (2, 'Other')`;
  for (const [key, kind, project_id] of [
    ["writes", "write", 1],
    ["reads", "read", 1],
    ["of another", "write", 2],
  ] as const) {
    const row = { key_hash: secretHash(key), kind, project_id, prefix: key };
    await databases.sql`INSERT INTO project_keys ${databases.sql(row)}`;
  }
});
afterAll(() => databases.drop());

let now: number;
let monthlyUse: MonthlyUse;
beforeEach(async () => {
  now = NOON;
  monthlyUse = counting();
  await databases.sql`DELETE FROM sessions_meta`;
  await limit({ quota_sessions_per_month: null, quota_bytes_per_month: null });
});

/** Waits for its sums as long as a busy machine may take, unless told otherwise. */
const counting = (waitMs = 60_000) => new MonthlyUse(databases.sql, pino({ level: "silent" }), () => now, waitMs);
const ask = (key = "writes") => findEdgeProject(databases.sql, monthlyUse, secretHash(key).toString("hex"), null);
const usedUp = async () => (await ask())?.quota_used_up;
const limit = (columns: Record<string, number | null>) =>
  databases.sql`UPDATE projects SET ${databases.sql(columns)} WHERE id = 1`;

/** Sessions as the worker leaves them: begun at `at`, of 1,000 bytes each. */
async function record(count: number, facts: { at?: number; project_id?: number; batch_count?: number } = {}) {
  const { at = NOON, project_id = 1, batch_count = 1 } = facts;
  const rows = Array.from({ length: count }, () => ({
    project_id,
    session_id: randomUUID(),
    first_received_at: new Date(at),
    batch_count,
    events_bytes: 1_000,
  }));
  await databases.sql`INSERT INTO sessions_meta ${databases.sql(rows)}`;
}

/** Nothing can be counted meanwhile: whoever reads the sessions waits for the lock. */
async function whileNoSessionCanBeRead(work: () => Promise<void>): Promise<void> {
  await databases.sql.begin(async (transaction) => {
    await transaction`LOCK TABLE sessions_meta IN ACCESS EXCLUSIVE MODE`;
    await work();
  });
}

describe("limits of a project", () => {
  it("are the edge's defaults, and all sessions, where nothing is set", async () => {
    expect(await ask()).toMatchObject({
      requests_per_second: null,
      bytes_per_second: null,
      sample_rate: 1,
      quota_used_up: null,
    });
  });

  it("are handed to the edge", async () => {
    await limit({ requests_per_second: 0.5, bytes_per_second: 2e12, sample_rate: 0.25 });
    expect(await ask()).toMatchObject({ requests_per_second: 0.5, bytes_per_second: 2e12, sample_rate: 0.25 });
    await limit({ requests_per_second: null, bytes_per_second: null, sample_rate: 1 });
  });

  it("are handed on with what the project asks of its recorders", async () => {
    expect(await ask()).toMatchObject({ recorder: {} });
    const recorder = { sampleRate: 0.1, sampleOnError: true };
    await databases.sql`UPDATE projects SET recorder_settings = ${databases.sql.json(recorder)} WHERE id = 1`;
    expect(await ask()).toMatchObject({ recorder });
    const noObject = databases.sql`UPDATE projects SET recorder_settings = '[]' WHERE id = 1`;
    await expect(noObject).rejects.toThrow(/violates check constraint/);
    await databases.sql`UPDATE projects SET recorder_settings = DEFAULT WHERE id = 1`;
  });

  it.each([
    ["requests_per_second", 0],
    ["requests_per_second", Number.NaN],
    ["bytes_per_second", -1],
    ["bytes_per_second", Number.POSITIVE_INFINITY],
    ["sample_rate", 1.1],
    ["sample_rate", Number.NaN],
    ["quota_sessions_per_month", -1],
  ])("cannot be nonsense: %s = %d", async (column, value) => {
    await expect(limit({ [column]: value })).rejects.toThrow(/violates check constraint/);
  });
});

describe("a monthly quota", () => {
  it("of sessions is used up when as many have begun, and begins anew with the next month", async () => {
    await limit({ quota_sessions_per_month: 3 });
    await record(2);
    expect(await usedUp()).toBeNull();
    await record(1);
    now += HOUR;
    expect(await usedUp()).toEqual({ quota: "sessions", resets_at: JANUARY });
    await record(5);
    now += HOUR;
    expect(await usedUp()).toEqual({ quota: "sessions", resets_at: JANUARY });
    now = JANUARY - 1;
    expect(await usedUp()).toEqual({ quota: "sessions", resets_at: JANUARY });
    now = JANUARY;
    expect(await usedUp()).toBeNull();
  });

  it("of bytes is used up when the sessions have as many", async () => {
    await limit({ quota_bytes_per_month: 3_000 });
    await record(2);
    expect(await usedUp()).toBeNull();
    await databases.sql`UPDATE sessions_meta SET events_bytes = 1500`;
    now += HOUR;
    expect(await usedUp()).toEqual({ quota: "bytes", resets_at: JANUARY });
    await databases.sql`UPDATE sessions_meta SET events_bytes = 5000000000`;
    now += HOUR;
    expect(await usedUp()).toEqual({ quota: "bytes", resets_at: JANUARY });
  });

  it("is told by name where the other is not reached", async () => {
    await limit({ quota_sessions_per_month: 3, quota_bytes_per_month: 1_000_000 });
    await record(3);
    expect(await usedUp()).toMatchObject({ quota: "sessions" });
    await limit({ quota_sessions_per_month: 4, quota_bytes_per_month: 3_000 });
    expect(await usedUp()).toMatchObject({ quota: "bytes" });
  });

  it("counts the sessions that began in the month, are loaded, and are the project's", async () => {
    await limit({ quota_sessions_per_month: 2 });
    await record(9, { at: DECEMBER - 1 });
    await record(9, { at: JANUARY });
    await record(9, { batch_count: 0 });
    await record(9, { project_id: 2 });
    await record(1, { at: DECEMBER });
    expect(await usedUp()).toBeNull();
    await record(1, { at: JANUARY - 1 });
    now += HOUR;
    expect(await usedUp()).toMatchObject({ quota: "sessions" });
  });

  it("of nothing lets nothing in", async () => {
    await limit({ quota_sessions_per_month: 0 });
    expect(await usedUp()).toMatchObject({ quota: "sessions" });
  });

  it("says nothing of a revoked key, of another project, or to a key that only reads", async () => {
    await limit({ quota_sessions_per_month: 0 });
    expect(await ask("of another")).toMatchObject({ project_id: 2, quota_used_up: null });
    expect(await ask("reads")).toMatchObject({ project_id: 1, quota_used_up: null });
    await databases.sql`UPDATE project_keys SET revoked_at = now() WHERE key_hash = ${secretHash("writes")}`;
    expect(await ask()).toBeNull();
    await databases.sql`UPDATE project_keys SET revoked_at = NULL WHERE key_hash = ${secretHash("writes")}`;
  });
});

describe("counting", () => {
  it("is not done without a quota", async () => {
    await whileNoSessionCanBeRead(async () => {
      monthlyUse.of = () => expect.unreachable("counted");
      expect(await usedUp()).toBeNull();
    });
  });

  it("is done once for all that ask within some seconds", async () => {
    await limit({ quota_sessions_per_month: 1 });
    await Promise.all([usedUp(), usedUp(), usedUp()]);
    await record(1);
    now += 10_000;
    expect(await usedUp()).toBeNull();
    now += HOUR;
    expect(await usedUp()).toMatchObject({ quota: "sessions" });
  });

  it("that takes long keeps no key waiting: the last sum stands, and where there is none the quota is not used up", async () => {
    monthlyUse = counting(300);
    await limit({ quota_sessions_per_month: 1 });
    await whileNoSessionCanBeRead(async () => expect(await usedUp()).toBeNull());
    await record(1);
    now += DAY;
    await expect.poll(usedUp).toMatchObject({ quota: "sessions" });
    now += DAY;
    await whileNoSessionCanBeRead(async () => expect(await usedUp()).toMatchObject({ quota: "sessions" }));
  });

  it("reads the index alone", async () => {
    await record(5_000, { at: DECEMBER + DAY });
    await record(5_000, { at: DECEMBER - DAY });
    await databases.sql`VACUUM ANALYZE sessions_meta`;
    const { from, to } = utcMonth(NOON);
    const plan = await databases.sql`
      EXPLAIN SELECT count(*), sum(events_bytes) FROM sessions_meta WHERE project_id = 1 AND batch_count > 0
        AND first_received_at >= ${new Date(from)} AND first_received_at < ${new Date(to)}`;
    expect(plan.map((line) => line["QUERY PLAN"]).join("\n")).toContain(
      "Index Only Scan using sessions_meta_begun on sessions_meta",
    );
  });
});
