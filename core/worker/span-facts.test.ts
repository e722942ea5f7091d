/** Span facts over real engines: the same rows however a session came, and none of one that is deleted. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVENT_GENERATIONS, eventVersion } from "#core/store/clickhouse/event-version.ts";
import { takeDueSession } from "#core/store/postgres/span-facts.ts";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import { createMetrics } from "./metrics.ts";
import { tellNext } from "./span-facts.ts";
import { runMessages } from "./testing/run-messages.ts";
import { messageOf, type Sealed, sealed } from "./testing/sealed.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Shop')`;
});
afterAll(() => databases?.drop());

const metrics = createMetrics(async () => null);
const EVENTS = JSON.parse(
  gunzipSync(readFileSync(new URL("../../test/recordings/checkout.json.gz", import.meta.url))).toString(),
) as { timestamp: number }[];
const RECEIVED_AT = Math.max(...EVENTS.map(({ timestamp }) => timestamp));
const SIZE = 12;

function batchesOf(session_id: string, window_id = "w1"): Sealed[] {
  return Array.from({ length: Math.ceil(EVENTS.length / SIZE) }, (_, seq) =>
    sealed(EVENTS.slice(seq * SIZE, (seq + 1) * SIZE), { session_id, window_id, seq, received_at: RECEIVED_AT + seq }),
  );
}

async function load(...batches: Sealed[]): Promise<void> {
  await runMessages(
    databases,
    batches.map((batch) => messageOf(batch)),
  );
}

/** Until nothing is due. @returns how many sessions were made */
async function tellAll(): Promise<number> {
  let made = 0;
  const spans = { ...databases, metrics, log: pino({ level: "silent" }), quietMs: 0 };
  while (await tellNext(spans)) made++;
  return made;
}

async function rowsOf(session_id: string) {
  const ask = async (query: string) => {
    const result = await databases.clickhouse.query({ query, query_params: { session_id }, format: "JSONEachRow" });
    return result.json<Record<string, unknown>>();
  };
  const facts = await ask(`
    SELECT event_name, idx, toUnixTimestamp64Milli(ts) AS at, url, props, window_id, version FROM events FINAL
    WHERE session_id = {session_id: UUID} AND event_name != '$pageview' ORDER BY event_name, at, idx, toString(props)`);
  const texts = await ask(`
    SELECT text, toUnixTimestamp64Milli(ts) AS at, window_id FROM seen_text FINAL
    WHERE session_id = {session_id: UUID} ORDER BY window_id, text`);
  const [counts] = await databases.sql`
    SELECT active_ms::int, rage_click_count, dead_click_count FROM sessions_meta WHERE session_id = ${session_id}`;
  return { facts, texts, counts };
}
const withoutVersion = (rows: Awaited<ReturnType<typeof rowsOf>>) => ({
  ...rows,
  facts: rows.facts.map(({ version: _, ...row }) => row),
});
const names = (rows: Awaited<ReturnType<typeof rowsOf>>) => new Set(rows.facts.map(({ event_name }) => event_name));

describe("a session's span facts", () => {
  it("are the same rows, whether its batches come in order, backwards and twice, or one of them much later", async () => {
    const [straight, mixed, late] = [randomUUID(), randomUUID(), randomUUID()];
    await load(...batchesOf(straight));
    expect(await tellAll()).toBe(1);
    const rows = await rowsOf(straight);
    expect([...names(rows)]).toEqual([
      "$click",
      "$dead_click",
      "$form_abandoned",
      "$quick_back",
      "$rage_click",
      "$text_appeared",
    ]);
    expect(rows.texts.map(({ text }) => text)).toContain("Card declined");
    expect(rows.counts).toMatchObject({ rage_click_count: 1, dead_click_count: 1 });

    const shuffled = [...batchesOf(mixed), ...batchesOf(mixed)].reverse();
    await load(...shuffled.slice(0, 5));
    await tellAll();
    await load(...shuffled.slice(5));
    await tellAll();
    expect(withoutVersion(await rowsOf(mixed))).toEqual(withoutVersion(rows));

    const batches = batchesOf(late);
    const [missing] = batches.splice(1, 1);
    await load(...batches);
    await tellAll();
    expect(await rowsOf(late)).not.toEqual(rows);
    await load(missing as Sealed);
    await tellAll();
    expect(withoutVersion(await rowsOf(late))).toEqual(withoutVersion(rows));
  });

  it("are not made again while nothing comes, and by a higher generation when something does", async () => {
    const session = randomUUID();
    const batches = batchesOf(session);
    await load(...batches.slice(0, 3));
    expect(await tellAll()).toBe(1);
    expect(await tellAll()).toBe(0);
    await load(...batches.slice(0, 3));
    expect(await tellAll()).toBe(0);
    await load(...batches.slice(3));
    expect(await tellAll()).toBe(1);
    expect(new Set((await rowsOf(session)).facts.map(({ version }) => version))).toEqual(new Set([eventVersion(1, 2)]));
  });

  it("lose what a late batch has shown to be otherwise, for plain readers too", async () => {
    const session = randomUUID();
    const batches = batchesOf(session);
    // The batch in which the page answers the click: without it nothing seems to come of what is after.
    await load(...batches);
    await tellAll();
    const before = await rowsOf(session);
    await databases.clickhouse.insert({
      table: "events",
      values: [{ ...ROW, session_id: session, event_name: "$dead_click", event_id: randomUUID(), version: 1 }],
      format: "JSONEachRow",
    });
    await databases.sql`UPDATE sessions_meta SET spans_batch_count = 0 WHERE session_id = ${session}`;
    await tellAll();
    expect(withoutVersion(await rowsOf(session))).toEqual(withoutVersion(before));
  });

  it("stay as they are where making them anew takes too long, which is tried again after a while only", async () => {
    const session = randomUUID();
    await load(...batchesOf(session));
    await tellAll();
    const before = await rowsOf(session);
    const { sql } = databases;
    await sql`UPDATE sessions_meta SET spans_batch_count = 0 WHERE session_id = ${session}`;
    const said: string[] = [];
    const log = pino({ level: "warn" }, { write: (line) => void said.push(line) });
    const spans = { ...databases, metrics, log, quietMs: 0, workMs: 0 };
    expect([await tellNext(spans), await tellNext(spans)]).toEqual([true, false]);
    expect(said.map((line) => JSON.parse(line))).toMatchObject([
      { msg: "span_facts_not_told", session_id: session, error: "Error: more than 0 ms of work" },
    ]);
    expect(await rowsOf(session)).toEqual(before);

    await sql`UPDATE sessions_meta SET spans_held_until = now() - interval '1 second' WHERE session_id = ${session}`;
    expect(await tellAll()).toBe(1);
    expect(withoutVersion(await rowsOf(session))).toEqual(withoutVersion(before));
  });

  it("are not written once it is deleted", async () => {
    const session = randomUUID();
    await load(...batchesOf(session));
    await databases.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${session})`;
    await tellAll();
    const { facts, texts } = await rowsOf(session);
    // What its batches told by themselves is the sweep's to take away.
    expect([facts.filter(({ version }) => Number(version) % EVENT_GENERATIONS > 0), texts]).toEqual([[], []]);
    await databases.sql`DELETE FROM sessions_meta WHERE session_id = ${session}`;
  });

  it("of a session that goes on are made anew when it has grown, or at its longer pauses", async () => {
    const session = randomUUID();
    await load(...batchesOf(session).slice(0, 2));
    await tellAll();
    const { sql } = databases;
    const isDue = async (changes: Record<string, unknown>, quietS: number) => {
      const updated_at = new Date(Date.now() - quietS * 1_000);
      await sql`UPDATE sessions_meta SET ${sql({ ...changes, updated_at })} WHERE session_id = ${session}`;
      const due = await takeDueSession(sql, 0, 10_000);
      await sql`UPDATE sessions_meta SET spans_held_until = NULL WHERE session_id = ${session}`;
      return due?.session_id === session;
    };
    const going = { complete: false, incomplete_why: "open", spans_batch_count: 100 };
    expect(await isDue({ ...going, batch_count: 119 }, 11)).toBe(false);
    expect(await isDue({ ...going, batch_count: 120 }, 5)).toBe(false);
    expect(await isDue({ ...going, batch_count: 120 }, 11)).toBe(true);
    expect(await isDue({ ...going, batch_count: 101 }, 61)).toBe(true);
    expect(await isDue({ ...going, batch_count: 101, complete: true, incomplete_why: null }, 11)).toBe(true);
    expect(await isDue({ ...going, batch_count: 101, incomplete_why: "no_end" }, 11)).toBe(true);
    expect(await isDue({ ...going, batch_count: 101, complete: null, incomplete_why: null }, 11)).toBe(false);
    await sql`DELETE FROM sessions_meta WHERE session_id = ${session}`;
  });

  it("are held for longer each time, up to a day, where no making ends; and no longer than others once one has", async () => {
    const session = randomUUID();
    await load(...batchesOf(session).slice(0, 2));
    const { sql } = databases;
    const heldS = async (changes: Record<string, unknown>) => {
      if (Object.keys(changes).length > 0)
        await sql`UPDATE sessions_meta SET ${sql(changes)} WHERE session_id = ${session}`;
      expect((await takeDueSession(sql, 0, 0))?.session_id).toBe(session);
      const [row] = await sql<{ s: number }[]>`
        SELECT round(extract(epoch FROM spans_held_until - now()) / 60)::int * 60 AS s
        FROM sessions_meta WHERE session_id = ${session}`;
      return row?.s;
    };
    const over = { spans_held_until: new Date(0) };
    expect([await heldS({}), await heldS(over), await heldS(over)]).toEqual([600, 2_400, 5_400]);
    expect(await heldS({ ...over, spans_generation: 60_000 })).toBe(86_400);
    await sql`UPDATE sessions_meta SET ${sql({ ...over, spans_generation: 3 })} WHERE session_id = ${session}`;
    expect(await tellAll()).toBe(1);
    expect(await heldS({ spans_batch_count: 0 })).toBe(600);
    await sql`DELETE FROM sessions_meta WHERE session_id = ${session}`;
  });

  it("are shared by workers: each session is one's at a time, and an overtaken one writes nothing", async () => {
    const sessions = Array.from({ length: 3 }, () => randomUUID());
    for (const session of sessions) await load(...batchesOf(session).slice(0, 2));
    const made = await Promise.all([tellAll(), tellAll()]);
    expect(made[0] + made[1]).toBe(3);
  });
});

const ROW = {
  project_id: 1,
  ts: RECEIVED_AT,
  url: "",
  props: {},
  window_id: "w1",
  batch_id: randomUUID(),
  idx: 0,
  received_on: new Date(RECEIVED_AT).toISOString().slice(0, 10),
};
