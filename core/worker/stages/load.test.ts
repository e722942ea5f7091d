import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { createMetrics } from "../metrics.ts";
import { custom, event, sealed, sealedCustom } from "../testing/sealed.ts";
import { isDead } from "../verdict.ts";
import { decodeBatch } from "./decode.ts";
import { type DerivedBatch, derive } from "./derive.ts";
import { load } from "./load.ts";

let databases: FreshDatabases;
const metrics = createMetrics(async () => null);
beforeAll(async () => {
  databases = await freshDatabases();
});
afterAll(() => databases.drop());

const claim = { first_received_at: Date.UTC(2026, 10, 23, 12), clock_offset_ms: 0 };
const session_id = randomUUID();

function batch(seq: number): DerivedBatch {
  const decoded = decodeBatch({
    stream_seq: 1,
    ...sealed([event(seq, 4, { href: "https://a.test/" })], { session_id, seq }),
  });
  const derived = isDead(decoded) ? decoded : derive({ ...decoded, claim, rules_version: 1, redactions: {} });
  if (isDead(derived)) throw new Error(derived.reason);
  return derived;
}

/** A row that no column takes: nothing that the stages before let through, but they may have a mistake one day. */
function poisoned(seq: number, table: "recorded" | "facts" | "batch"): DerivedBatch {
  const good = batch(seq);
  const rows = { ...good.rows };
  if (table === "recorded") rows.key = { ...rows.key, received_on: "no day" };
  if (table === "facts") rows.facts = rows.facts.map((fact) => ({ ...fact, event_id: "no uuid" }));
  if (table === "batch" && rows.batch) rows.batch = { ...rows.batch, received_on: "no day" };
  return { ...good, rows };
}

async function stored(table: string): Promise<number[]> {
  const seq = table === "events" ? "toUInt32(idx)" : "seq";
  const result = await databases.clickhouse.query({
    query: `SELECT ${seq} AS seq FROM ${table} FINAL WHERE session_id = {id: UUID} ORDER BY seq`,
    query_params: { id: session_id },
    format: "JSONEachRow",
  });
  return (await result.json<{ seq: number }>()).map(({ seq }) => seq);
}

const verdicts = async (...batches: DerivedBatch[]) => {
  const outcome = await load(batches, { clickhouse: databases.clickhouse, metrics });
  return Array.isArray(outcome) ? outcome.map((verdict) => (isDead(verdict) ? verdict.reason : verdict.kind)) : outcome;
};

describe("loading a lot", () => {
  it("has its rows in the tables once it says so", async () => {
    expect(await verdicts(batch(0), batch(1))).toEqual(["loaded", "loaded"]);
    expect(await stored("events_rrweb")).toEqual([0, 1]);
    expect(await stored("batches")).toEqual([0, 1]);
  });

  it("again, by whichever worker, leaves each row once", async () => {
    await Promise.all([verdicts(batch(0), batch(1)), verdicts(batch(1), batch(0)), verdicts(batch(0))]);
    expect(await stored("events_rrweb")).toEqual([0, 1]);
    expect(await stored("batches")).toEqual([0, 1]);
  });

  it.each(["recorded", "facts", "batch"] as const)("loads the neighbours of a poison row (%s)", async (table) => {
    const first = { recorded: 10, facts: 20, batch: 30 }[table];
    const lot = [0, 1, 2, 3, 4].map((i) => (i === 2 ? poisoned(first + i, table) : batch(first + i)));
    expect(await verdicts(...lot)).toEqual(["loaded", "loaded", "rows_refused", "loaded", "loaded"]);
    const listed = await stored("batches");
    expect(listed.filter((seq) => seq >= first && seq < first + 5)).toEqual([0, 1, 3, 4].map((i) => first + i));
  });

  it("loads custom events when their rows are in, without a row in batches; a poison one is dead alone", async () => {
    const of = (n: number) => {
      const decoded = decodeBatch({ stream_seq: 1, ...sealedCustom([custom(n), custom(n, "two")], { session_id }) });
      const derived = isDead(decoded) ? decoded : derive({ ...decoded, claim, rules_version: 1, redactions: {} });
      if (isDead(derived)) throw new Error(derived.reason);
      return derived;
    };
    const poison = of(2);
    poison.rows.facts = poison.rows.facts.map((fact) => ({ ...fact, event_id: "no uuid" }));
    const listed = await stored("batches");
    expect(await verdicts(of(1), poison, of(3), batch(70))).toEqual(["loaded", "rows_refused", "loaded", "loaded"]);
    expect(await stored("batches")).toEqual([...listed, 70]);
    const rows = await databases.clickhouse.query({
      query:
        "SELECT count() AS rows FROM events FINAL WHERE session_id = {id: UUID} AND event_name IN ('tracked', 'two')",
      query_params: { id: session_id },
      format: "JSONEachRow",
    });
    expect(await rows.json()).toEqual([{ rows: 4 }]);
  });

  it("is held while ClickHouse is away: no batch is given up for it", async () => {
    const nowhere = openClickHouse("http://127.0.0.1:1/default", "test");
    expect(await load([batch(40)], { clickhouse: nowhere, metrics })).toMatchObject({
      kind: "held",
      engine: "clickhouse",
    });
  });

  it("is held on an error that tells nothing of the rows", async () => {
    const elsewhere = new URL(databases.clickhouseUrl);
    elsewhere.pathname = "/no_such_database";
    const outcome = await load([batch(41)], { clickhouse: openClickHouse(elsewhere.toString(), "test"), metrics });
    expect(outcome).toMatchObject({ kind: "held", why: expect.stringContaining("code 81") });
  });

  it("stays right when an insert failed after it had written", async () => {
    const fetchThenFail: typeof fetch = async (...request) => {
      await fetch(...request);
      throw new TypeError("the answer was lost");
    };
    const lossy = openClickHouse(databases.clickhouseUrl, "test", fetchThenFail);
    expect(await load([batch(50)], { clickhouse: lossy, metrics })).toMatchObject({ kind: "held" });
    expect(await verdicts(batch(50))).toEqual(["loaded"]);
    expect((await stored("events_rrweb")).filter((seq) => seq === 50)).toEqual([50]);
  });

  it("never puts recordings into the reason of a refusal", async () => {
    const outcome = await load([poisoned(60, "facts")], { clickhouse: databases.clickhouse, metrics });
    expect(JSON.stringify(outcome)).not.toContain("a.test");
  });
});
