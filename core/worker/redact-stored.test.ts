import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import type { StreamPlace } from "#core/store/postgres/tombstones.ts";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import { createMetrics } from "./metrics.ts";
import { redactStored } from "./redact-stored.ts";
import { tellNext } from "./span-facts.ts";
import { sweep } from "./sweep.ts";
import { runMessages } from "./testing/run-messages.ts";
import { custom, event, messageOf, type Sealed, sealed, sealedCustom } from "./testing/sealed.ts";
import { tablesWith } from "./testing/stored-text.ts";

const CARD = "4111 1111 1111 1111";
const EMAIL = "ada@shop.test";

let databases: FreshDatabases;
let place: StreamPlace;
let version = 1;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop'), (2, 'Other shop')`;
});
afterAll(() => databases.drop());
beforeEach(async () => {
  place = { made: new Date("2026-11-01"), last_seq: 10, settled_seq: 10 };
  await databases.sql`DELETE FROM redactions`;
  for (const table of ["events_rrweb", "events", "batches", "seen_text"]) {
    await databases.clickhouse.command({ query: `TRUNCATE TABLE ${table}` });
  }
  await change({ cards: false });
});

const load = (...batches: Sealed[]) => runMessages(databases, [messageOf(...batches)]);
const change = (rules: Record<string, boolean>) =>
  databases.sql`
    INSERT INTO redaction_rules (project_id, version, rules) VALUES (1, ${++version}, ${databases.sql.json(rules)})`;
const want = () => databases.sql`INSERT INTO redactions (project_id, version) VALUES (1, ${version})`;
const receipt = async () => {
  const [row] = await databases.sql`SELECT * FROM redactions`;
  return row;
};

const redacting = (clickhouse: ClickHouseClient = databases.clickhouse) => ({
  sql: databases.sql,
  clickhouse,
  streamPlace: async () => place,
  metrics: createMetrics(async () => null),
});
const sweepNow = () => sweep({ ...redacting(), log: pino({ level: "silent" }) });

/** A client whose inserts of rows wait for `before`. */
function withInserts(clickhouse: ClickHouseClient, before: (insert: string) => Promise<void>): ClickHouseClient {
  return instead(clickhouse, "insertBytes", async (insert, rows, settings) => {
    await before(insert);
    return clickhouse.insertBytes(insert, rows, settings);
  });
}

/** Likewise, its commands. */
function withCommands(clickhouse: ClickHouseClient, before: (query: string) => Promise<void>): ClickHouseClient {
  return instead(clickhouse, "command", async (params) => {
    await before(params.query);
    return clickhouse.command(params);
  });
}

function instead<N extends keyof ClickHouseClient>(
  clickhouse: ClickHouseClient,
  method: N,
  does: ClickHouseClient[N],
): ClickHouseClient {
  return new Proxy(clickhouse, {
    get: (client, name, receiver) => (name === method ? does : (Reflect.get(client, name, receiver) as unknown)),
  });
}

/** All that a table holds of a session, without what says when and by which rules it was made. */
async function rowsOf(table: string, session_id: string): Promise<object[]> {
  const result = await databases.clickhouse.query({
    query: `SELECT * EXCEPT(ingest_ts, version) FROM ${table} WHERE session_id = {id: UUID} ORDER BY ALL`,
    query_params: { id: session_id },
    format: "JSONEachRow",
  });
  return result.json<object>();
}
async function versionsOf(session_id: string): Promise<number[]> {
  const result = await databases.clickhouse.query({
    query: `SELECT DISTINCT v FROM (
      SELECT toUInt32(version) AS v, session_id FROM events_rrweb UNION ALL SELECT version, session_id FROM batches
      UNION ALL SELECT intDiv(version, 65536), session_id FROM events) WHERE session_id = {id: UUID} ORDER BY v`,
    query_params: { id: session_id },
    format: "JSONEachRow",
  });
  return (await result.json<{ v: number }>()).map(({ v }) => v);
}

const recorded = (session_id: string, project_id = 1) => [
  sealed([event(0, 4, { href: `https://shop.test/?c=${CARD}`, width: 800, height: 600 }), event(1, 2, { node: {} })], {
    session_id,
    project_id,
    url: `https://shop.test/?mail=${EMAIL}`,
    user: { id: "ada", email: EMAIL, plan: `pro ${CARD}` },
    release: "1.2.3",
  }),
  sealed(
    [
      event(2, 5, { tag: "rrhog.track", payload: { name: "paid", properties: { with: CARD } } }),
      event(3, 5, { tag: "note", payload: `${CARD} by ${EMAIL}` }),
    ],
    { session_id, project_id, seq: 1 },
  ),
  sealedCustom(
    `[${JSON.stringify(custom(4, "paid", { props: { card: CARD, list: [1, true, "x"] } }))},` +
      `{"name":"seen","ts":${custom(5).ts},"props":{"a.b":12345678901234567890,"n":1.5,"deep":{"x":[{"y":1}]}}}]`,
    { session_id, project_id },
  ),
];

describe("later rules over what is stored", () => {
  it("leave of what they find nothing in any table, and of all else every row as it was", async () => {
    const [session, beside] = [randomUUID(), randomUUID()];
    await load(...recorded(session));
    await load(...recorded(beside, 2));
    expect(await tablesWith(databases, CARD)).toContain("clickhouse.events");
    const before = {
      batches: await rowsOf("batches", session),
      events: await rowsOf("events", session),
      events_rrweb: await rowsOf("events_rrweb", session),
    };
    await change({ cards: true });
    await want();
    await sweepNow();
    expect(await tablesWith(databases, CARD)).toEqual([]);
    expect(await versionsOf(session)).toEqual([version]);
    const expected = JSON.parse(JSON.stringify(before).replaceAll(CARD, "**** **** **** ****")) as typeof before;
    expect(await rowsOf("batches", session)).toEqual(expected.batches);
    expect(await rowsOf("events", session)).toEqual(expected.events);
    expect(await rowsOf("events_rrweb", session)).toEqual(expected.events_rrweb);
    expect(await receipt()).toMatchObject({
      sessions_total: 1,
      sessions_done: 1,
      events_changed: "4",
      found: { card: 5 },
      removed: expect.any(Object),
      done_at: null,
    });
    await sweepNow();
    expect(await receipt()).toMatchObject({ sessions_done: 1, done_at: expect.any(Date) });
    const [listed] = await databases.sql`SELECT first_url, epoch FROM sessions_meta WHERE session_id = ${session}`;
    expect(listed).toEqual({ first_url: "https://shop.test/?c=**** **** **** ****", epoch: 1 });
  });

  it("leave nothing in what was told of spans, which is told anew of what is left", async () => {
    const session = randomUUID();
    const text = { type: 3, id: 4, textContent: `Paid by ${CARD}` };
    const body = { type: 2, id: 3, tagName: "body", attributes: {}, childNodes: [text] };
    const html = { type: 2, id: 2, tagName: "html", attributes: {}, childNodes: [body] };
    const node = { type: 0, id: 1, childNodes: [html] };
    await load(sealed([event(0, 2, { node, initialOffset: { top: 0, left: 0 } })], { session_id: session }));
    const spans = { ...redacting(), log: pino({ level: "silent" }), quietMs: 0 };
    const tellAll = async () => {
      while (await tellNext(spans));
      return (await rowsOf("seen_text", session)).map((row) => (row as { text: string }).text);
    };
    expect(await tellAll()).toEqual([`Paid by ${CARD}`]);
    await change({ cards: true });
    await want();
    await sweepNow();
    expect(await tablesWith(databases, CARD)).toEqual([]);
    expect(await tellAll()).toEqual(["Paid by **** **** **** ****"]);
    await sweepNow();
    expect(await receipt()).toMatchObject({ removed: { seen_text: 1 }, done_at: expect.any(Date) });
  });

  it("go on where somebody was killed, and two at a time make the same", async () => {
    const sessions = [randomUUID(), randomUUID()];
    for (const session of sessions) await load(...recorded(session));
    await change({ cards: true, emails: true });
    await want();
    let inserts = 0;
    const dying = new Proxy(databases.clickhouse, {
      get(client, name, receiver) {
        if (name !== "insertBytes" || ++inserts < 3) return Reflect.get(client, name, receiver) as unknown;
        return () => Promise.reject(new Error("killed"));
      },
    });
    await expect(redactStored(redacting(dying))).rejects.toThrow("killed");
    expect(await receipt()).toMatchObject({ sessions_total: 2, sessions_done: 0 });
    await Promise.all([redactStored(redacting()), redactStored(redacting())]);
    expect(await tablesWith(databases, CARD)).toEqual([]);
    for (const session of sessions) {
      expect(await versionsOf(session)).toEqual([version]);
      expect(
        await rowsOf("events_rrweb", session).then((rows) => new Set(rows.map((row) => JSON.stringify(row))).size),
      ).toBe(4);
    }
    await sweepNow();
    expect(await receipt()).toMatchObject({ sessions_total: 2, sessions_done: 2, done_at: expect.any(Date) });
  });

  it("are not done before what was under way at the time is settled, and take that too", async () => {
    const [session, late] = [randomUUID(), randomUUID()];
    await load(...recorded(session));
    await load(...recorded(late));
    const columns = { query: "SELECT * FROM events_rrweb WHERE session_id = {id: UUID}", query_params: { id: late } };
    const read = await databases.clickhouse.query({ ...columns, format: "JSONEachRow" });
    const rows = await read.json<Record<string, unknown>>();
    await change({ cards: true });
    await want();
    place = { ...place, last_seq: 20, settled_seq: 15 };
    await sweepNow();
    await sweepNow();
    expect(await receipt()).toMatchObject({ done_at: null });
    // A worker that had read the rules before they were changed inserts now.
    await databases.clickhouse.insert({ table: "events_rrweb", values: rows, format: "JSONEachRow" });
    place = { ...place, last_seq: 25, settled_seq: 20 };
    await sweepNow();
    expect(await receipt()).toMatchObject({ done_at: null });
    expect(await tablesWith(databases, CARD)).toEqual([]);
    await sweepNow();
    expect(await receipt()).toMatchObject({ done_at: expect.any(Date) });
  });

  it.each([
    ["between its events and its row in batches", "INSERT INTO batches", null],
    ["until older rows are taken away", "INSERT INTO events", "ALTER TABLE"],
    ["until custom events are made anew", "INSERT INTO events", "INSERT INTO events"],
  ])(
    "lose and overlook nothing that a worker inserts by older rules meanwhile, which waits %s",
    async (_, at, until) => {
      const session = randomUUID();
      const [paid, tracked, seen] = recorded(session) as [Sealed, Sealed, Sealed];
      await load(paid, sealedCustom(`[${JSON.stringify(custom(9, "early", { props: {} }))}]`, { session_id: session }));
      const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const waiting = withInserts(databases.clickhouse, async (insert) => {
        if (!insert.startsWith(at)) return;
        reached.resolve();
        await goOn.promise;
      });
      const late = runMessages({ ...databases, clickhouse: waiting }, [messageOf(tracked, seen)]);
      await reached.promise;
      await change({ cards: true });
      await want();
      place = { ...place, last_seq: 11 };
      const sweeping = withCommands(databases.clickhouse, async (query) => {
        if (until === null || !query.trim().startsWith(until)) return;
        goOn.resolve();
        await late;
      });
      await redactStored(redacting(sweeping)).catch(() => undefined); // or the next pass
      goOn.resolve();
      expect(await late).toBe(1);
      place = { ...place, settled_seq: 11 };
      await sweepNow();
      await sweepNow();
      expect(await receipt()).toMatchObject({ done_at: expect.any(Date) });
      expect(await rowsOf("events_rrweb", session)).toHaveLength(4);
      expect(await rowsOf("batches", session)).toHaveLength(2);
      const facts = new Set((await rowsOf("events", session)).map((row) => JSON.stringify(row)));
      const names = [...facts].map((fact) => (JSON.parse(fact) as { event_name: string }).event_name);
      expect(names.toSorted()).toEqual(["$identify", "$pageview", "early", "note", "paid", "paid", "seen"]);
      expect(await tablesWith(databases, CARD)).toEqual([]);
    },
  );

  it("are not done while a dead letter or an import may be loaded by rules that it had read before", async () => {
    await change({ cards: true });
    await want();
    const doneWhile = async () => {
      await sweepNow();
      return (await receipt())?.done_at;
    };
    await databases.sql`
      INSERT INTO dead_letters (identity, reason, body, stream_seq, project_id, redrive_at)
      VALUES (${Buffer.alloc(16)}, 'driven', '', 1, 1, now() + interval '1 hour')`;
    expect(await doneWhile()).toBe(null);
    await databases.sql`DELETE FROM dead_letters`;
    const [made] = await databases.sql`
      INSERT INTO imports (project_id, session_id, events, batches) VALUES (1, ${randomUUID()}, 1, 1) RETURNING id`;
    await databases.sql`INSERT INTO imported_batches (import_id, envelope, body) VALUES (${made?.id}, '{}', '')`;
    expect(await doneWhile()).toBe(null);
    await databases.sql`DELETE FROM imported_batches`;
    expect(await doneWhile()).toEqual(expect.any(Date));
  });

  it("take what a batch has left that was never loaded, once no worker may be inserting the rest of it", async () => {
    const session = randomUUID();
    await load(...recorded(session));
    await change({ cards: true });
    await want();
    const left = { project_id: 1, session_id: session, seq: 9, batch_id: randomUUID(), payload: CARD, version: 1 };
    await databases.clickhouse.insert({
      table: "events_rrweb",
      values: [{ ...left, received_on: "2026-11-01" }],
      format: "JSONEachRow",
    });
    const swept = async (settled_seq: number) => {
      place = { ...place, last_seq: 20, settled_seq };
      await sweepNow();
      return tablesWith(databases, CARD);
    };
    expect(await swept(15)).toEqual(["clickhouse.events_rrweb"]);
    await databases.sql`
      INSERT INTO dead_letters (identity, reason, body, stream_seq, project_id, session_id, redrive_at)
      VALUES (${Buffer.alloc(16)}, 'driven', '', 1, 1, ${session}, now() + interval '1 hour')`;
    expect(await swept(20)).toEqual(["clickhouse.events_rrweb"]);
    await databases.sql`DELETE FROM dead_letters`;
    // By other rules now, which whoever comes after position 20 may not have read yet.
    await change({ cards: true, emails: true });
    place = { ...place, last_seq: 30 };
    await sweepNow();
    expect(await tablesWith(databases, CARD)).toEqual(["clickhouse.events_rrweb"]);
    place = { ...place, settled_seq: 30 };
    await sweepNow();
    expect(await tablesWith(databases, CARD)).toEqual([]);
    await sweepNow();
    expect(await receipt()).toMatchObject({ done_at: expect.any(Date) });
  });

  it("bring nothing back of a deleted session", async () => {
    const gone = randomUUID();
    await load(...recorded(gone));
    await change({ cards: true });
    await want();
    await databases.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${gone})`;
    await sweepNow();
    await sweepNow();
    expect(await rowsOf("events", gone)).toEqual([]);
    expect(await receipt()).toMatchObject({ done_at: expect.any(Date) });
  });

  it("bring nothing back of a session that is deleted by another worker meanwhile", async () => {
    const gone = randomUUID();
    await load(...recorded(gone));
    await change({ cards: true });
    await want();
    const deleting = withInserts(databases.clickhouse, async () => {
      const made = await databases.sql`
        INSERT INTO tombstones (project_id, session_id) VALUES (1, ${gone}) ON CONFLICT DO NOTHING RETURNING id`;
      if (made.length === 0) return;
      for (let pass = 0; pass < 3; pass++) await sweepNow();
      expect(await databases.sql`SELECT FROM tombstones WHERE done_at IS NULL`).toHaveLength(0);
    });
    await redactStored(redacting(deleting)).catch(() => undefined); // or the next pass
    for (let pass = 0; pass < 3; pass++) await sweepNow();
    for (const table of ["events_rrweb", "events", "batches"]) expect(await rowsOf(table, gone)).toEqual([]);
    expect(await databases.sql`SELECT FROM tombstones WHERE done_at IS NULL`).toHaveLength(0);
  });
});
