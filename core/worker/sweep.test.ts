import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { SESSION_TABLES } from "#core/store/clickhouse/removal.ts";
import type { StreamPlace } from "#core/store/postgres/tombstones.ts";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import type { Delivery } from "./consume.ts";
import { createMetrics } from "./metrics.ts";
import { runPipeline } from "./pipeline.ts";
import { sweep } from "./sweep.ts";
import { custom, event, messageOf, type Sealed, sealed, sealedCustom } from "./testing/sealed.ts";

const DAY_MS = 86_400_000;

let databases: FreshDatabases;
let place: StreamPlace;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop'), (2, 'Other shop')`;
});
afterAll(() => databases.drop());
beforeEach(() => {
  place = { made: new Date("2026-11-01"), last_seq: 10, settled_seq: 10 };
});

function load(...batches: Sealed[]): Promise<string[]> {
  return loadBy(databases.clickhouse, ...batches);
}

async function loadBy(clickhouse: ClickHouseClient, ...batches: Sealed[]): Promise<string[]> {
  const refused: string[] = [];
  const deliveries = batches.map((batch, i): Delivery => ({ seq: i + 1, data: messageOf(batch), deliveries: 1 }));
  await runPipeline(
    (async function* () {
      yield* deliveries;
    })(),
    {
      sql: databases.sql,
      clickhouse,
      metrics: createMetrics(async () => null),
      acknowledge: async () => undefined,
      gaps: { seen: () => undefined },
      refused: (deleted) => refused.push(...deleted.map(({ session_id }) => session_id)),
      waiting: (stage, held) => {
        if (held) throw new Error(`${stage} waits for ${held.engine}: ${held.why}`);
      },
      giveUp: AbortSignal.timeout(60_000),
    },
  );
  return refused;
}

const sweepNow = () =>
  sweep({
    sql: databases.sql,
    clickhouse: databases.clickhouse,
    streamPlace: async () => place,
    metrics: createMetrics(async () => null),
    log: pino({ level: "silent" }),
  });

async function rowsOf(sessionId: string): Promise<number> {
  let rows = 0;
  for (const table of SESSION_TABLES) {
    const result = await databases.clickhouse.query({
      query: `SELECT count() AS n FROM ${table} WHERE session_id = {id: UUID}`,
      query_params: { id: sessionId },
      format: "JSONEachRow",
    });
    const [row] = await result.json<{ n: number }>();
    rows += Number(row?.n);
  }
  const [{ n }] = await databases.sql<[{ n: number }]>`
    SELECT (SELECT count(*) FROM sessions_meta WHERE session_id = ${sessionId})::int
      + (SELECT count(*) FROM dead_letters WHERE session_id = ${sessionId})::int AS n`;
  return rows + n;
}

const bury = (sessionId: string) =>
  databases.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${sessionId})`;
const tombstone = async (sessionId: string) => {
  const [found] = await databases.sql`
    SELECT removed, passed_at, done_at, cause FROM tombstones WHERE session_id = ${sessionId}`;
  return found;
};

const pending = async () => (await databases.sql`SELECT FROM tombstones WHERE done_at IS NULL`).length;

describe("a deleted session", () => {
  it("is taken out of every table, and its neighbours are not", async () => {
    const [gone, beside] = [randomUUID(), randomUUID()];
    const cut = sealed([event(9)], { session_id: gone, seq: 1 });
    await load(
      sealed([event(0, 4, { href: "https://shop.test/" }), event(1)], { session_id: gone }),
      sealedCustom([custom(1)], { session_id: gone }),
      { ...cut, body: cut.body.subarray(0, 20) },
      sealed([event(0)], { session_id: beside }),
    );
    await bury(gone);
    await sweepNow();
    expect(await rowsOf(gone)).toBe(0);
    expect(await rowsOf(beside)).toBeGreaterThan(1);
    expect(await tombstone(gone)).toMatchObject({
      removed: { events_rrweb: 2, events: 2, batches: 1, dead_letters: 1 },
      done_at: null,
    });
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ removed: { events_rrweb: 2 }, done_at: expect.any(Date) });
  });

  it("does not come back with a late copy, a dead letter, or custom events, by whichever way they come", async () => {
    const gone = randomUUID();
    const batch = sealed([event(0)], { session_id: gone });
    const cut = sealed([event(1)], { session_id: gone, seq: 1 });
    await load(batch);
    await bury(gone);
    expect(
      await load(batch, { ...cut, body: cut.body.subarray(0, 20) }, sealedCustom([custom(1)], { session_id: gone })),
    ).toEqual([gone, gone, gone]);
    await sweepNow();
    await sweepNow();
    await load(batch);
    expect(await rowsOf(gone)).toBe(0);
  });

  it("is not done before all that was under way at the time is settled, and the rows of that are taken away too", async () => {
    const gone = randomUUID();
    const batch = sealed([event(0)], { session_id: gone });
    await load(batch);
    const late = await databases.clickhouse.query({
      query: "SELECT * FROM events_rrweb WHERE session_id = {id: UUID}",
      query_params: { id: gone },
      format: "JSONEachRow",
    });
    const rows = await late.json<Record<string, unknown>>();
    await bury(gone);
    place = { ...place, last_seq: 20, settled_seq: 15 };
    await sweepNow();
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ passed_at: null, done_at: null });
    // A worker that had claimed before the tombstone was there inserts now.
    await databases.clickhouse.insert({ table: "events_rrweb", values: rows, format: "JSONEachRow" });
    place = { ...place, last_seq: 25, settled_seq: 20 };
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ passed_at: expect.any(Date), done_at: null });
    expect(await rowsOf(gone)).toBe(0);
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ removed: { events_rrweb: 2 }, done_at: expect.any(Date) });
  });

  it.each([
    ["a session", (id: string) => bury(id)],
    [
      "a person",
      () => databases.sql`INSERT INTO tombstones (project_id, user_id, before) VALUES (1, 'frozen', '2027-01-01')`,
    ],
  ])(
    "is taken away again where a worker goes on that was stopped for longer than its deletion took: %s",
    async (_, del) => {
      const gone = randomUUID();
      const facts = { session_id: gone, user: { id: "frozen" } };
      const batches = [sealed([event(0)], facts), sealedCustom([custom(1)], facts)];
      const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const frozen = new Proxy(databases.clickhouse, {
        get(client, name, receiver) {
          if (name !== "insertBytes") return Reflect.get(client, name, receiver) as unknown;
          return async (...insert: Parameters<ClickHouseClient["insertBytes"]>) => {
            reached.resolve();
            await goOn.promise;
            return client.insertBytes(...insert);
          };
        },
      });
      const thawing = loadBy(frozen, ...batches);
      await reached.promise;
      await del(gone);
      await load(...batches); // by another, which its messages came to then
      await sweepNow();
      await sweepNow();
      expect(await pending()).toBe(0);
      goOn.resolve();
      await thawing;
      expect(await rowsOf(gone)).toBeGreaterThan(0);
      await sweepNow();
      await sweepNow();
      expect(await rowsOf(gone)).toBe(0);
      expect(await pending()).toBe(0);
    },
  );

  it("is not done while batches of it that somebody brought are on their way beside the stream", async () => {
    const gone = randomUUID();
    const [brought] = await databases.sql<[{ id: string }]>`
      INSERT INTO imports (project_id, session_id, events, batches) VALUES (1, ${gone}, 1, 1) RETURNING id`;
    await databases.sql`INSERT INTO imported_batches (import_id, envelope, body) VALUES (${brought.id}, '{}', '')`;
    await bury(gone);
    await sweepNow();
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ passed_at: null, done_at: null });
    await databases.sql`DELETE FROM imported_batches WHERE import_id = ${brought.id}`;
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ done_at: expect.any(Date) });
  });

  it("is not done while a dead letter of it is driven again: its batch may have been claimed before", async () => {
    const gone = randomUUID();
    const cut = sealed([event(0)], { session_id: gone });
    await load({ ...cut, body: cut.body.subarray(0, 20) });
    await databases.sql`UPDATE dead_letters SET redrive_at = now() + interval '1 hour' WHERE session_id = ${gone}`;
    await bury(gone);
    await sweepNow();
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ passed_at: null, done_at: null });
    // The drive has ended, and the letter is found to be dead again.
    await databases.sql`UPDATE dead_letters SET redrive_at = NULL WHERE session_id = ${gone}`;
    await sweepNow();
    expect(await rowsOf(gone)).toBe(0);
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ removed: { dead_letters: 1 }, done_at: expect.any(Date) });
  });

  it("waits for a stream that was made anew, whose sequences say nothing of the old ones", async () => {
    const gone = randomUUID();
    await bury(gone);
    await sweepNow();
    place = { made: new Date("2026-11-20"), last_seq: 90, settled_seq: 90 };
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ done_at: null });
    await sweepNow();
    expect(await tombstone(gone)).toMatchObject({ done_at: expect.any(Date) });
  });
});

it("takes away as many sessions at once as a sweep may", async () => {
  const [gone, others] = [randomUUID(), Array.from({ length: 499 }, () => randomUUID())];
  await load(sealed([event(0)], { session_id: gone }));
  await databases.sql`
    INSERT INTO tombstones (project_id, session_id)
    SELECT 1, id FROM unnest(${[...others, gone]}::uuid[]) AS id`;
  await sweepNow();
  expect(await rowsOf(gone)).toBe(0);
  await sweepNow();
  const [pending] = await databases.sql`SELECT count(*)::int AS n FROM tombstones WHERE done_at IS NULL`;
  expect(pending).toEqual({ n: 0 });
});

it("takes away what was deleted last, though hundreds before it wait for the stream", async () => {
  place = { ...place, last_seq: 20, settled_seq: 10 };
  await databases.sql`
    INSERT INTO tombstones (project_id, session_id) SELECT 1, gen_random_uuid() FROM generate_series(1, 500)`;
  await sweepNow();
  const gone = randomUUID();
  await load(sealed([event(0)], { session_id: gone }));
  await bury(gone);
  await sweepNow();
  expect(await rowsOf(gone)).toBe(0);
  await databases.sql`UPDATE tombstones SET done_at = now() WHERE done_at IS NULL`;
});

describe("a deleted person", () => {
  it("takes each session along that showed them in a batch received before, whenever it comes", async () => {
    const received_at = Date.now() - 5_000;
    const [late, after, other] = [randomUUID(), randomUUID(), randomUUID()];
    const of = (session_id: string, more = {}) =>
      sealed([event(0)], { session_id, received_at, user: { id: "ada" }, ...more });
    const [person] = await databases.sql`
      INSERT INTO tombstones (project_id, user_id, before) VALUES (1, 'ada', now()) RETURNING id`;
    expect(
      await load(
        of(late),
        sealed([event(1)], { session_id: late, seq: 1, received_at }),
        of(after, { received_at: Date.now() + 60_000 }),
        of(other, { project_id: 2 }),
      ),
    ).toEqual([late, late]);
    expect(await tombstone(late)).toMatchObject({ cause: person?.id });
    expect(await rowsOf(late)).toBe(0);
    expect(await rowsOf(after)).toBeGreaterThan(0);
    expect(await rowsOf(other)).toBeGreaterThan(0);
    await sweepNow();
    await sweepNow();
    const [done] = await databases.sql`SELECT done_at FROM tombstones WHERE id = ${person?.id}`;
    expect(done).toEqual({ done_at: expect.any(Date) });
  });
});

describe("a deleted person of whom a session was not found when it was asked for", () => {
  const bury = async (userId: string) => {
    const [person] = await databases.sql`
      INSERT INTO tombstones (project_id, user_id, before) VALUES (1, ${userId}, now()) RETURNING id`;
    return async () => {
      const [row] = await databases.sql`SELECT done_at FROM tombstones WHERE id = ${person?.id}`;
      return row?.done_at !== null;
    };
  };

  it("is not done while it may be under way, and takes it along when it is there", async () => {
    const [early, later] = [randomUUID(), randomUUID()];
    const isDone = await bury("eve");
    // As a worker that had passed the tombstone by loads it: under another name, for the one that is heeded.
    const user = { id: "eve" };
    await databases.sql`UPDATE tombstones SET user_id = 'mallory' WHERE user_id = 'eve'`;
    place = { ...place, last_seq: 20, settled_seq: 15 };
    await sweepNow();
    await load(
      sealed([event(0)], { session_id: early, received_at: Date.now() - 5_000, user }),
      sealed([event(0)], { session_id: later, received_at: Date.now() + 60_000, user }),
    );
    await databases.sql`UPDATE tombstones SET user_id = 'eve' WHERE user_id = 'mallory'`;
    await sweepNow();
    expect(await isDone()).toBe(false);
    place = { ...place, last_seq: 25, settled_seq: 20 };
    await sweepNow();
    expect(await rowsOf(early)).toBe(0);
    place = { ...place, settled_seq: 25 };
    await sweepNow();
    expect(await isDone()).toBe(true);
    expect(await rowsOf(later)).toBeGreaterThan(0);
  });

  it("is done soon where nothing shows them", async () => {
    const isDone = await bury("nobody");
    await sweepNow();
    await sweepNow();
    expect(await isDone()).toBe(true);
  });
});

describe("retention", () => {
  const days = async (table: string) => {
    const result = await databases.clickhouse.query({
      query:
        "SELECT create_table_query AS ddl FROM system.tables WHERE database = currentDatabase() AND name = {table: String}",
      query_params: { table },
      format: "JSONEachRow",
    });
    return /TTL received_on \+ toIntervalDay\((\d+)\)/.exec((await result.json<{ ddl: string }>())[0]?.ddl ?? "")?.[1];
  };

  it("takes away what a project keeps no longer, and leaves the others'", async () => {
    const [old, young, others] = [randomUUID(), randomUUID(), randomUUID()];
    const at = (ageDays: number) => ({ received_at: Date.now() - ageDays * DAY_MS });
    await load(
      sealed([event(0)], { session_id: old, ...at(12) }),
      sealed([event(0)], { session_id: young, ...at(3) }),
      sealed([event(0)], { session_id: others, project_id: 2, ...at(12) }),
    );
    await databases.sql`UPDATE projects SET retention_days = 10, retention_swept_on = NULL WHERE id = 1`;
    await sweepNow();
    const [oldRows, youngRows] = [await rowsOf(old), await rowsOf(young)];
    expect(oldRows).toBe(1); // its claim, for copies that come late
    expect(youngRows).toBeGreaterThan(1);
    expect(await rowsOf(others)).toBe(youngRows);
  });

  it("goes by Postgres' clock, not by that of a worker whose is months ahead", async () => {
    const young = randomUUID();
    await load(sealed([event(0)], { session_id: young, received_at: Date.now() }));
    const before = await rowsOf(young);
    await databases.sql`UPDATE projects SET retention_swept_on = NULL`;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 200 * DAY_MS });
    try {
      await sweepNow();
    } finally {
      vi.useRealTimers();
    }
    expect(await rowsOf(young)).toBe(before);
  });

  it("lets the tables keep as long as the project that keeps longest", async () => {
    await databases.sql`UPDATE projects SET retention_days = 400 WHERE id = 2`;
    await sweepNow();
    expect(await days("events_rrweb")).toBe("400");
    expect(await days("batches")).toBe("400");
    await databases.sql`UPDATE projects SET retention_days = 90`;
    await sweepNow();
    expect(await days("events")).toBe("90");
  });
});
