import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyDropped } from "#core/store/postgres/dead-letters.ts";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import type { Delivery } from "./consume.ts";
import { createMetrics } from "./metrics.ts";
import { runPipeline } from "./pipeline.ts";
import { redriveNext } from "./redrive.ts";
import { event, messageOf, sealed, sealedCustom } from "./testing/sealed.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop')`;
});
afterAll(() => databases.drop());

function drive(delivery: Delivery): Promise<void> {
  return runPipeline(
    (async function* () {
      yield delivery;
    })(),
    {
      sql: databases.sql,
      clickhouse: databases.clickhouse,
      metrics: createMetrics(async () => null),
      acknowledge: async () => undefined,
      gaps: { seen: () => undefined },
      waiting: () => undefined,
      giveUp: AbortSignal.timeout(60_000),
    },
  );
}
const load = (data: Uint8Array) => drive({ seq: 1, data, deliveries: 1 });

async function redrive(driving = drive): Promise<number> {
  const { sql } = databases;
  await sql`UPDATE dead_letters SET redrive_at = now()`;
  const metrics = createMetrics(async () => null);
  let driven = 0;
  while (await redriveNext({ sql, drive: driving, metrics, log: pino({ level: "silent" }) })) driven++;
  return driven;
}

const letters = () => databases.sql`
  SELECT reason, redrives, redrive_at, length(body) AS bytes FROM dead_letters ORDER BY id`;

async function eventsOf(sessionId: string): Promise<number> {
  const result = await databases.clickhouse.query({
    query: "SELECT uniqExact(batch_id, idx) AS n FROM events_rrweb WHERE session_id = {id: UUID}",
    query_params: { id: sessionId },
    format: "JSONEachRow",
  });
  return Number((await result.json<{ n: number }>())[0]?.n);
}

describe("a dead letter that is driven again", () => {
  it("is loaded once what stood in its way is gone, and is no letter any more", async () => {
    const session_id = randomUUID();
    await load(messageOf(sealed([event(0), event(1)], { session_id, project_id: 7 })));
    expect(await redrive()).toBe(1);
    expect(await letters()).toMatchObject([{ reason: "project_gone: project 7", redrives: 1, redrive_at: null }]);
    await databases.sql`INSERT INTO projects (id, name) VALUES (7, 'Came later')`;
    expect(await redrive()).toBe(1);
    expect(await letters()).toEqual([]);
    expect(await eventsOf(session_id)).toBe(2);
    const [listed] = await databases.sql`
      SELECT batch_count, incomplete_why FROM sessions_meta WHERE session_id = ${session_id}`;
    expect(listed).toMatchObject({ batch_count: 1, incomplete_why: "no_end" });
  });

  it("stays where it is found dead again, whatever it is", async () => {
    const session_id = randomUUID();
    const cut = sealed([event(0)], { session_id });
    const noEnvelope = sealed([event(0)]);
    await load(Buffer.from("no message at all"));
    await load(
      messageOf(
        { ...cut, body: cut.body.subarray(0, 20) },
        { ...noEnvelope, envelope: { ...noEnvelope.envelope, seq: -1 } },
        sealedCustom('[{"name":"$no","ts":1}]', { session_id }),
      ),
    );
    expect(await redrive()).toBe(4);
    const after = await letters();
    expect(after).toHaveLength(4);
    for (const letter of after) expect(letter).toMatchObject({ redrives: 1, redrive_at: null });
  });

  it("stays also where the clock is set back meanwhile", async () => {
    const before = (await letters()).length;
    await redrive(async (delivery) => {
      await drive(delivery);
      await databases.sql`UPDATE dead_letters SET died_at = died_at - interval '1 hour'`;
    });
    expect(await letters()).toHaveLength(before);
  });

  it("that was dropped keeps its place in the ledger and nothing else", async () => {
    await databases.sql`UPDATE dead_letters SET dropped_at = now()`;
    expect(await emptyDropped(databases.sql)).toBe(4);
    expect(await emptyDropped(databases.sql)).toBe(0);
    expect(await redrive()).toBe(0);
    expect((await letters()).map(({ bytes }) => bytes)).toEqual([0, 0, 0, 0]);
  });
});
