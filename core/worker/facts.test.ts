/** The facts of real visits as they lie in the tables, however their batches came. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import { runMessages } from "./testing/run-messages.ts";
import { messageOf, type Sealed, sealed } from "./testing/sealed.ts";

interface SentBatch {
  session_id: string;
  window_id: string;
  seq: number;
  sealed_at: number;
  url: string;
  end?: boolean;
  user?: { id: string };
  sdk: string;
  release?: string;
  events: object[];
}

/** A declined card, a button that throws, and a visit in two tabs. */
const sent = ["ada-card-declined", "alan-voucher", "two-tabs"].flatMap((name) => {
  const file = readFileSync(new URL(`../../demo/recordings/${name}.json.gz`, import.meta.url));
  return (JSON.parse(String(gunzipSync(file))) as { batches: SentBatch[] }).batches;
});
const batchesOf = (project_id: number): Sealed[] =>
  sent.map(({ events, sealed_at, ...facts }) =>
    sealed(events, { ...facts, project_id, sealed_at, received_at: sealed_at + 40, release: "2.1" }),
  );

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop'), (2, 'Other shop')`;
});
afterAll(() => databases.drop());

interface FactRow {
  event_name: string;
  props: Record<string, unknown>;
}

async function factsOf(project: number): Promise<FactRow[]> {
  const result = await databases.clickhouse.query({
    query: `SELECT session_id, window_id, event_name, toUnixTimestamp64Milli(e.ts) AS at, idx, url, user_id, props
      FROM events AS e FINAL WHERE project_id = {project: UInt32}
      ORDER BY session_id, window_id, e.ts, event_name, idx, toString(props)`,
    query_params: { project },
    format: "JSONEachRow",
  });
  return result.json<FactRow>();
}

const sessionsOf = (project: number) => databases.sql`
  SELECT session_id, batch_count, event_count, pageview_count, click_count, error_count, console_error_count,
    request_failed_count, user_id, paths, release, bot, is_internal, complete
  FROM sessions_meta WHERE project_id = ${project} ORDER BY session_id`;

it("are the same after deliveries that came late, twice and in any order, by workers beside each other", async () => {
  await runMessages(
    databases,
    batchesOf(1).map((batch) => messageOf(batch)),
  );
  const others = batchesOf(2);
  const again = others.map(({ envelope, body }) => ({
    envelope: { ...envelope, received_at: envelope.received_at + 7_000, durable: "spool" as const },
    body,
  }));
  const shuffled = [...others, ...again].map((_, i, all) => all[(i * 11) % all.length] as Sealed);
  const cuts = [0, 1, 6, 13, 14, 30, shuffled.length];
  const messages = cuts.slice(1).map((end, i) => messageOf(...shuffled.slice(cuts[i], end)));
  await Promise.all([runMessages(databases, messages), runMessages(databases, messages.toReversed())]);

  const facts = await factsOf(1);
  expect(await factsOf(2)).toEqual(facts);
  const sessions = await sessionsOf(1);
  expect(await sessionsOf(2)).toEqual(sessions);

  const kinds = new Set(facts.map(({ event_name }) => event_name));
  expect([...kinds].toSorted()).toEqual(
    ["$click", "$console", "$error", "$identify", "$pageview", "$request", "$web_vital", "added_to_cart"].toSorted(),
  );
  const clicks = sent
    .flatMap(({ events }) => events)
    .filter((event) => JSON.stringify(event).includes('"source":2,"type":2,'));
  expect(facts.filter(({ event_name }) => event_name === "$click")).toHaveLength(clicks.length);
  expect(sessions.reduce((sum, { click_count }) => sum + click_count, 0)).toBe(clicks.length);
  expect(sessions.map(({ error_count, request_failed_count }) => [error_count, request_failed_count])).toEqual(
    expect.arrayContaining([
      [0, expect.any(Number)],
      [1, 0],
    ]),
  );
});
