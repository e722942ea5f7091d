import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres } from "#core/store/postgres/client.ts";
import type { Envelope } from "#protocol/envelope.ts";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { event, sealed } from "../testing/sealed.ts";
import { isDead, isHeld } from "../verdict.ts";
import { claim } from "./claim.ts";
import { type DecodedBatch, decodeBatch } from "./decode.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop'), (2, 'Other shop')`;
});
afterAll(() => databases.drop());

const NOON = Date.UTC(2026, 10, 23, 12);

function batch(facts: Partial<Envelope>): DecodedBatch {
  const decoded = decodeBatch({ stream_seq: 1, ...sealed([event(0)], facts) });
  if (isDead(decoded)) throw new Error(decoded.reason);
  return decoded;
}

async function claims(batches: DecodedBatch[], sql = databases.sql) {
  const claimed = await claim(batches, sql);
  if (isHeld(claimed)) throw new Error(claimed.why);
  return claimed.map((verdict) => (isDead(verdict) ? verdict.reason : verdict.claim));
}

describe("the claim of a session", () => {
  it("is made by its first pull and holds for every later one, whatever that would have proposed", async () => {
    const session_id = randomUUID();
    const first = batch({ session_id, received_at: NOON, sent_at: NOON - 3_600_000 });
    const earlier = batch({ session_id, seq: 1, received_at: NOON - 1_000, sent_at: NOON });
    const held = { first_received_at: NOON, clock_offset_ms: 3_600_000 };
    expect(await claims([first])).toMatchObject([held]);
    expect(await claims([earlier, first])).toMatchObject([held, held]);
  });

  it("is one for all batches of a pull", async () => {
    const session_id = randomUUID();
    const [a, b] = [batch({ session_id, received_at: NOON + 5 }), batch({ session_id, seq: 1, received_at: NOON })];
    expect(await claims([a, b])).toMatchObject([{ first_received_at: NOON }, { first_received_at: NOON }]);
  });

  it("belongs to the session of its project: another project may have the same id", async () => {
    const session_id = randomUUID();
    const mine = batch({ session_id, received_at: NOON });
    const theirs = batch({ session_id, project_id: 2, received_at: NOON + 1 });
    expect(await claims([mine, theirs])).toMatchObject([{ first_received_at: NOON }, { first_received_at: NOON + 1 }]);
  });

  it("cannot be made in a project that is gone, which holds up nobody else", async () => {
    const [gone, here] = [batch({ session_id: randomUUID(), project_id: 404 }), batch({ session_id: randomUUID() })];
    expect(await claims([gone, here])).toMatchObject(["project_gone", { first_received_at: NOON }]);
  });

  it("is held, not lost, while Postgres is away", async () => {
    const nowhere = openPostgres("postgres://nobody@127.0.0.1:1/none", "test");
    expect(await claim([batch({})], nowhere)).toMatchObject({ kind: "held", engine: "postgres" });
    await nowhere.end();
  });

  it("is the same for workers that make it at one time, in any order, and none waits for another for ever", async () => {
    const sessions = Array.from({ length: 60 }, () => randomUUID());
    const workers = Array.from({ length: 6 }, () => openPostgres(databases.postgresUrl, "test"));
    const answers = await Promise.all(
      workers.map(async (sql, i) => {
        const own = sessions.map((session_id) => batch({ session_id, received_at: NOON + i }));
        const order = own.map((_, at) => (at * (2 * i + 7)) % own.length);
        const shuffled = [...new Set([...order, ...own.keys()])].map((at) => own[at] as DecodedBatch);
        const settled = await claims(shuffled, sql);
        return Object.fromEntries(shuffled.map(({ envelope }, at) => [envelope.session_id, settled[at]]));
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    await Promise.all(workers.map((sql) => sql.end()));
  });
});
