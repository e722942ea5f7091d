import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAttempts } from "#core/store/clickhouse/batches.ts";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { encodeFrames, encodeHead } from "#protocol/message.ts";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import type { Delivery } from "./consume.ts";
import { createMetrics } from "./metrics.ts";
import { runPipeline } from "./pipeline.ts";
import { custom, event, messageOf, type Sealed, sealed, sealedCustom } from "./testing/sealed.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`INSERT INTO projects (id, name) VALUES (1, 'Test shop'), (2, 'Other shop')`;
});
afterAll(() => databases.drop());

const session = () => randomUUID();
let streamSeq = 0;

/** Runs the messages through the pipeline; answers with the sequences that were acknowledged. */
async function run(...messages: Uint8Array[]): Promise<number[]> {
  const acknowledged: number[] = [];
  const deliveries = messages.map((data): Delivery => ({ seq: ++streamSeq, data, deliveries: 1 }));
  await runPipeline(
    (async function* () {
      yield* deliveries;
    })(),
    {
      sql: databases.sql,
      clickhouse: databases.clickhouse,
      metrics: createMetrics(async () => null),
      acknowledge: async (done) => {
        acknowledged.push(...done.map(({ seq }) => seq));
      },
      gaps: { seen: () => undefined },
      waiting: (stage, held) => {
        if (held) throw new Error(`${stage} waits for ${held.engine}: ${held.why}`);
      },
      giveUp: AbortSignal.timeout(60_000),
    },
  );
  return acknowledged;
}

/** The same with another ClickHouse, which may fail. */
async function settle(
  clickhouse: typeof databases.clickhouse,
  deliveries: Delivery[],
  acknowledge: (done: readonly Delivery[]) => Promise<void> = async () => undefined,
): Promise<number[]> {
  const acknowledged: number[] = [];
  await runPipeline(
    (async function* () {
      yield* deliveries;
    })(),
    {
      sql: databases.sql,
      clickhouse,
      metrics: createMetrics(async () => null),
      acknowledge: async (done) => {
        await acknowledge(done);
        acknowledged.push(...done.map(({ seq }) => seq));
      },
      gaps: { seen: () => undefined },
      waiting: () => undefined,
      retryMostMs: 1,
      giveUp: AbortSignal.timeout(60_000),
    },
  );
  await clickhouse.close();
  return acknowledged;
}

const delivered = (data: Uint8Array, deliveries = 1): Delivery => ({ seq: ++streamSeq, data, deliveries });

/** The session's events as a reader gets them: each once, whatever is stored. */
async function payloads(sessionId: string): Promise<string[]> {
  const result = await databases.clickhouse.query({
    query: `SELECT payload FROM events_rrweb WHERE project_id = 1 AND session_id = {id: UUID}
      ORDER BY window_id, seq, batch_id, idx, version DESC LIMIT 1 BY batch_id, idx`,
    query_params: { id: sessionId },
    format: "JSONEachRow",
  });
  return (await result.json<{ payload: string }>()).map(({ payload }) => payload);
}

async function letters(sessionId: string) {
  return databases.sql`SELECT reason, seq::int AS seq, length(body) AS bytes FROM dead_letters
    WHERE session_id = ${sessionId} ORDER BY seq`;
}

describe("a message on its way to rows", () => {
  it("becomes rows in all three tables, is acknowledged, and its session is listed", async () => {
    const session_id = session();
    const events = [event(0, 4, { href: "https://shop.test/cart?utm_source=mail", width: 800, height: 600 }), event(5)];
    const batch = sealed(events, { session_id, user: { id: "u1", email: "u1@shop.test", plan: "pro" } });
    expect(await run(messageOf(batch))).toEqual([streamSeq]);

    expect((await payloads(session_id)).map((text) => JSON.parse(text))).toEqual(events);
    const [attempt] = await readAttempts(databases.clickhouse, [{ project_id: 1, session_id }]);
    expect(attempt).toMatchObject({
      batch_id: batch.envelope.batch_id,
      window_id: "w1",
      event_count: 2,
      first_ts: events[0]?.timestamp,
      last_ts: events[1]?.timestamp,
      user_id: "u1",
    });
    const pages = await databases.clickhouse.query({
      query: "SELECT event_name, url, path, props FROM events WHERE session_id = {id: UUID} ORDER BY event_name",
      query_params: { id: session_id },
      format: "JSONEachRow",
    });
    expect(await pages.json()).toEqual([
      expect.objectContaining({ event_name: "$identify", props: { id: "u1", email: "u1@shop.test" } }),
      {
        event_name: "$pageview",
        url: "https://shop.test/cart?utm_source=mail",
        path: "/cart",
        props: { kind: "load", width: 800, height: 600, utm_source: "mail" },
      },
    ]);
    const [listed] = await databases.sql`SELECT * FROM sessions_meta WHERE session_id = ${session_id}`;
    expect(listed).toMatchObject({
      batch_count: 1,
      event_count: "2",
      pageview_count: 1,
      user_id: "u1",
      user_email: "u1@shop.test",
      paths: ["/cart"],
      complete: false,
    });
  });

  it("loads a copy of a batch, received at another time, into the same events and another attempt", async () => {
    const session_id = session();
    const events = [event(0), event(10)];
    const first = sealed(events, { session_id });
    const again = sealed(events, { session_id, received_at: first.envelope.received_at + 5_000, encoding: "identity" });
    await run(messageOf(first));
    await run(messageOf(again), messageOf(first));
    expect(await payloads(session_id)).toHaveLength(2);
    const attempts = await readAttempts(databases.clickhouse, [{ project_id: 1, session_id }]);
    expect(attempts.map(({ received_at }) => received_at)).toEqual([
      first.envelope.received_at,
      again.envelope.received_at,
    ]);
    const [listed] =
      await databases.sql`SELECT batch_count, event_count FROM sessions_meta WHERE session_id = ${session_id}`;
    expect(listed).toEqual({ batch_count: 1, event_count: "2" });
  });

  it("gives back each event byte for byte, however nasty its JSON", async () => {
    const session_id = session();
    const nasty = [
      '{"type":5,"timestamp":1763900000000,"data":{"a":1.0,"b":1e3,"c":-0,"d":12345678901234567890,"e":0.1e-7}}',
      '{"timestamp":1763900000001,"type":3,"data":"\\ud800 half, \\u0000 nul, \\u2028 \\/ \\b\\f\\n\\r\\t"}',
      '{"type":3,"timestamp":1763900000002,"data":"žluťoučký kůň 漢字 🦔 \u2028 \u007f"}',
      '{"type":3,"timestamp":1763900000003,"a":1,"a":2,"data":{"x":"\\"","y":"\\\\","z":"\\\\u0000","q":"\'"}}',
      '{ "type" : 3 ,\n\t"timestamp" : 1763900000004.75 , "data" : [ ] }',
      '{"type":3,"timestamp":1.763900000005e12,"__proto__":{"x":1}}',
    ];
    await run(messageOf(sealed(`[${nasty.join(" ,\r\n ")}]`, { session_id })));
    expect(await payloads(session_id)).toEqual(nasty);
  });

  it("bears text that Postgres and ClickHouse do not take everywhere", async () => {
    const session_id = session();
    const user = { id: "nul \0 half \ud800", email: "\udfff", "trait \0": "\ud83e" };
    await run(messageOf(sealed([event(0, 4, { href: "https://shop.test/\ud800?q=\0" })], { session_id, user })));
    const [listed] =
      await databases.sql`SELECT user_id, pageview_count FROM sessions_meta WHERE session_id = ${session_id}`;
    expect(listed).toEqual({ user_id: "nul \ufffd half \ufffd", pageview_count: 1 });
  });
});

/** The session's custom events as they lie in the table, copies that will fold at the next merge apart. */
async function customEvents(sessionId: string) {
  const result = await databases.clickhouse.query({
    query: `SELECT event_name, toUnixTimestamp64Milli(e.ts) AS at, url, user_id, window_id, toString(batch_id) AS batch_id,
        idx, toString(received_on) AS received_on, props
      FROM events AS e FINAL
      WHERE project_id = 1 AND session_id = {id: UUID} AND NOT startsWith(event_name, '$')
      ORDER BY e.ts, e.batch_id, idx`,
    query_params: { id: sessionId },
    format: "JSONEachRow",
  });
  return result.json<{ event_name: string; at: number; idx: number; batch_id: string; props: object }>();
}

async function attemptsOf(sessionId: string) {
  return readAttempts(databases.clickhouse, [{ project_id: 1, session_id: sessionId }]);
}

describe("a small batch that makes much", () => {
  it("repeats an address in thousands of facts, cut, and its lot is loaded at once", async () => {
    const { timestamp } = event(0);
    const page = { type: 4, timestamp, data: { href: "\u0001".repeat(16_384) } };
    const tracked = Array.from({ length: 2_000 }, () => ({ type: 5, timestamp, data: { tag: "a" } }));
    const sessions = Array.from({ length: 5 }, session);
    const batches = sessions.map((session_id) => sealed([page, ...tracked], { session_id }));
    expect(await run(messageOf(...batches))).toEqual([streamSeq]);
    const result = await databases.clickhouse.query({
      query: `SELECT event_name, max(lengthUTF8(url)) AS longest, count() AS n FROM events
        WHERE session_id IN {sessions: Array(UUID)} GROUP BY event_name ORDER BY event_name`,
      query_params: { sessions },
      format: "JSONEachRow",
    });
    expect(await result.json()).toMatchObject([
      { event_name: "$pageview", longest: 16_384 },
      { event_name: "a", longest: 2_000 },
    ]);
  });

  it("has more full snapshots than anybody seeks", async () => {
    const session_id = session();
    await run(
      messageOf(
        sealed(
          Array.from({ length: 1_200 }, (_, i) => event(i, 2, {})),
          { session_id },
        ),
      ),
    );
    const [attempt] = await readAttempts(databases.clickhouse, [{ project_id: 1, session_id }]);
    expect([attempt?.event_count, attempt?.full_snapshot_idx.length]).toEqual([1_200, 1_000]);
    expect(await payloads(session_id)).toHaveLength(1_200);
  });
});

describe("a batch of custom events", () => {
  it("becomes a row an event, and is no batch of its window", async () => {
    const session_id = session();
    const sent = sealedCustom(
      [
        custom(1, "bought", {
          url: "https://shop.test/pay",
          props: { total: 12.5, at: "2026-11-23 12:00:00", a: { b: 1 } },
        }),
        custom(2, "left"),
      ],
      { session_id, user: { id: "u1" } },
    );
    expect(await run(messageOf(sent))).toEqual([streamSeq]);
    const row = { user_id: "u1", window_id: "w1", batch_id: sent.envelope.batch_id, received_on: "2026-11-23" };
    expect(await customEvents(session_id)).toEqual([
      {
        ...row,
        event_name: "bought",
        at: event(1).timestamp,
        idx: 0,
        url: "https://shop.test/pay",
        props: { total: 12.5, at: "2026-11-23 12:00:00", a: { b: 1 } },
      },
      { ...row, event_name: "left", at: event(2).timestamp, idx: 1, url: "", props: {} },
    ]);
    expect(await attemptsOf(session_id)).toEqual([]);
    expect(await payloads(session_id)).toEqual([]);
  });

  it("claims its session, which is listed only once it has a recording", async () => {
    const session_id = session();
    const { received_at } = sealed([event(0)]).envelope;
    await run(messageOf(sealedCustom([custom(0)], { session_id, received_at, sent_at: received_at - 3_600_000 })));
    const listed = () => databases.sql`
      SELECT batch_count, event_count::int AS event_count, started_at, clock_offset_ms::int AS clock_offset_ms
      FROM sessions_meta WHERE session_id = ${session_id}`;
    expect(await listed()).toEqual([{ batch_count: 0, event_count: 0, started_at: null, clock_offset_ms: 3_600_000 }]);
    expect(await customEvents(session_id)).toMatchObject([{ at: event(3_600_000).timestamp }]);

    await run(messageOf(sealed([event(0), event(5)], { session_id, received_at: received_at + 1, end: true })));
    expect(await listed()).toMatchObject([
      { batch_count: 1, event_count: 2, started_at: new Date(event(3_600_000).timestamp) },
    ]);
  });

  it("has its times within what the claim allows", async () => {
    const session_id = session();
    const { received_at } = sealed([event(0)]).envelope;
    const far = { ...custom(0, "far"), ts: 0 };
    await run(messageOf(sealedCustom([far, custom(0)], { session_id, received_at, sent_at: received_at })));
    expect((await customEvents(session_id)).map(({ at }) => at)).toEqual([
      received_at - 31 * 86_400_000,
      event(0).timestamp,
    ]);
  });

  it("is each event once, among recordings in the same messages, doubled, shuffled and run again", async () => {
    const sessions = [session(), session(), session()];
    const batches = sessions.flatMap((session_id, s) =>
      [0, 1, 2, 3].flatMap((seq) => [
        sealed([event(seq * 2), event(seq * 2 + 1)], { session_id, seq, end: seq === 3 }),
        sealedCustom([custom(seq * 2, `s${s}`, { props: { n: seq } }), custom(seq * 2 + 1, `s${s}`)], { session_id }),
      ]),
    );
    const again = batches.map(({ envelope, body }) => ({
      envelope: { ...envelope, received_at: envelope.received_at + 7_000, durable: "spool" as const },
      body,
    }));
    const shuffled = [...batches, ...again].map((_, i, all) => all[(i * 7) % all.length] as Sealed);
    const cuts = [0, 5, 6, 14, 30, shuffled.length];
    const messages = cuts.slice(1).map((end, i) => messageOf(...shuffled.slice(cuts[i], end)));
    expect(await run(...messages, ...messages.toReversed())).toHaveLength(2 * messages.length);
    await Promise.all([run(...messages), run(...messages.toReversed())]);

    for (const [s, session_id] of sessions.entries()) {
      const found = await customEvents(session_id);
      expect(found.map(({ event_name, at }) => [event_name, at - event(0).timestamp])).toEqual(
        Array.from({ length: 8 }, (_, n) => [`s${s}`, n]),
      );
      expect(found.filter(({ idx }) => idx === 0).map(({ props }) => props)).toEqual([0, 1, 2, 3].map((n) => ({ n })));
      expect(await payloads(session_id)).toHaveLength(8);
      const [listed] = await databases.sql`
        SELECT batch_count, event_count::int AS event_count, complete FROM sessions_meta WHERE session_id = ${session_id}`;
      expect(listed).toEqual({ batch_count: 4, event_count: 8, complete: true });
    }
  });

  it("is dead alone, listed as a dead letter, and rejected in no window", async () => {
    const session_id = session();
    const malformed = sealedCustom('[{"name":"$pageview","ts":1}]', { session_id });
    const cut = sealedCustom([custom(1)], { session_id });
    const message = messageOf(
      sealed([event(0)], { session_id, end: true }),
      malformed,
      { ...cut, body: cut.body.subarray(0, 20) },
      sealedCustom([custom(2)], { session_id }),
    );
    expect(await run(message, message)).toHaveLength(2);
    expect(await customEvents(session_id)).toMatchObject([{ event_name: "tracked", at: event(2).timestamp }]);
    const found = await databases.sql`
      SELECT reason, format FROM dead_letters WHERE session_id = ${session_id} ORDER BY reason`;
    expect(found).toEqual([
      { reason: expect.stringMatching(/^body_not_inflatable: /), format: "analytics" },
      { reason: "event_malformed: event 0", format: "analytics" },
    ]);
    const [listed] =
      await databases.sql`SELECT complete, incomplete_why FROM sessions_meta WHERE session_id = ${session_id}`;
    expect(listed).toEqual({ complete: true, incomplete_why: null });
  });

  it("needs no letter where another copy of it was whole", async () => {
    const session_id = session();
    const whole = sealedCustom([custom(1)], { session_id });
    const cut = { ...whole, body: whole.body.subarray(0, 20) };
    await run(messageOf(cut, whole));
    await run(messageOf(cut));
    expect(await letters(session_id)).toEqual([]);
  });

  it("keeps a dot in a property's name apart from a level of it", async () => {
    const session_id = session();
    await run(messageOf(sealedCustom([custom(0, "dotted", { props: { "a.b": 1, c: { d: 2 } } })], { session_id })));
    expect(await customEvents(session_id)).toMatchObject([{ props: { "a.b": 1, c: { d: 2 } } }]);
    const result = await databases.clickhouse.query({
      query: "SELECT arraySort(JSONAllPaths(props)) AS paths FROM events WHERE session_id = {id: UUID}",
      query_params: { id: session_id },
      format: "JSONEachRow",
    });
    expect(await result.json()).toEqual([{ paths: ["a%2Eb", "c.d"] }]);
  });

  it("with hostile props is loaded like its neighbours", async () => {
    const session_id = session();
    const props = [
      '{"a":1,"a":{"b":2},"a.b":3,"":4,"\\u0000":5}',
      `{"a":${"[".repeat(1_900)}${"]".repeat(1_900)}}`,
      `{"a":${'{"a":'.repeat(1_900)}1${"}".repeat(1_900)}}`,
      '{"n":123456789012345678901234567890,"m":-1e400,"s":"\\ud800","\\udfff":[1,"x",{"y":[null,[]]}]}',
      '{"__proto__":{"toString":1},"constructor":null}',
      `{${Array.from({ length: 3_000 }, (_, i) => `"k${i}":{"l":${i}}`).join(",")}}`,
    ];
    const text = props.map((json, n) => `{"name":"n${n}","ts":${event(n).timestamp},"props":${json}}`);
    const lot = text.map((one) => sealedCustom(`[${one}]`, { session_id }));
    await run(messageOf(sealed([event(0)], { session_id }), ...lot));
    expect(await letters(session_id)).toEqual([]);
    expect((await customEvents(session_id)).map(({ event_name }) => event_name)).toEqual(props.map((_, n) => `n${n}`));
    expect(await payloads(session_id)).toHaveLength(1);
  });
});

describe("what can never be loaded", () => {
  it("becomes a dead letter alone: its neighbours in the message are loaded", async () => {
    const session_id = session();
    const good = sealed([event(0)], { session_id, seq: 0 });
    const cut = sealed([event(1)], { session_id, seq: 1 });
    const wrong = sealed([event(2)], { session_id, seq: 2 });
    const last = sealed([event(3)], { session_id, seq: 3 });
    const message = messageOf(
      good,
      { ...cut, body: cut.body.subarray(0, 20) },
      { ...wrong, envelope: { ...wrong.envelope, batch_id: randomUUID() } },
      last,
    );
    expect(await run(message)).toEqual([streamSeq]);
    expect(await payloads(session_id)).toHaveLength(2);
    expect(await letters(session_id)).toMatchObject([
      { seq: 1, reason: expect.stringMatching(/^body_not_inflatable: /), bytes: 20 },
      { seq: 2, reason: "batch_id_wrong" },
    ]);
    const [listed] =
      await databases.sql`SELECT complete, incomplete_why FROM sessions_meta WHERE session_id = ${session_id}`;
    expect(listed).toEqual({ complete: false, incomplete_why: "rejected" });
  });

  it("is written once, however often it is delivered", async () => {
    const session_id = session();
    const cut = sealed([event(1)], { session_id });
    const message = messageOf({ ...cut, body: cut.body.subarray(0, 20) });
    await run(message, message);
    await run(message);
    expect(await letters(session_id)).toHaveLength(1);
  });

  it("needs no letter where another copy of it was whole", async () => {
    const session_id = session();
    const whole = sealed([event(1)], { session_id });
    await run(messageOf(whole));
    await run(messageOf({ ...whole, body: whole.body.subarray(0, 20) }));
    expect(await letters(session_id)).toHaveLength(0);
  });

  it("may be a whole message, kept by its bytes", async () => {
    const garbage = Buffer.from("no message at all");
    expect(await run(garbage)).toEqual([streamSeq]);
    const found = await databases.sql`SELECT reason, session_id FROM dead_letters WHERE body = ${garbage}`;
    expect(found).toEqual([{ reason: expect.stringMatching(/^message_version_unknown: /), session_id: null }]);
  });

  it("may be an envelope that says nothing, kept by its text", async () => {
    const batch = sealed([event(0)]);
    const envelope = { ...batch.envelope, seq: -1, url: "nul \0" } as Sealed["envelope"];
    expect(await run(messageOf({ ...batch, envelope }))).toEqual([streamSeq]);
    const [found] = await databases.sql`SELECT envelope FROM dead_letters WHERE reason LIKE 'envelope_malformed: seq%'`;
    expect(found?.envelope).toContain('"seq":-1');
  });

  it("is an envelope deeper than it could be written, which an edge once let through: kept without what is deep", async () => {
    const [deep, neighbour] = [session(), session()];
    const { envelope, body } = sealed([event(0)], { session_id: deep });
    const user = `{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`;
    const text = JSON.stringify({ ...envelope, user: "?" }).replace('"?"', user);
    const message = encodeFrames([{ head: encodeHead(text, body.byteLength), body }]);
    const acknowledged = await run(message, messageOf(sealed([event(0)], { session_id: neighbour })));
    expect(acknowledged.toSorted()).toEqual([streamSeq - 1, streamSeq]);
    expect(await payloads(neighbour)).toHaveLength(1);
    expect(await letters(deep)).toMatchObject([{ reason: "envelope_too_deep: over 2000 levels", seq: 0 }]);
    const [letter] = await databases.sql`SELECT envelope FROM dead_letters WHERE session_id = ${deep}`;
    expect(JSON.parse(letter?.envelope)).toMatchObject({ session_id: deep, batch_id: envelope.batch_id });
  });

  it("is a batch of a session whose time is over: its rows would be removed with the session's", async () => {
    const session_id = session();
    const now = Date.now();
    const day = 24 * 60 * 60 * 1_000;
    const at = (received_at: number, seq: number) => messageOf(sealed([event(seq)], { session_id, seq, received_at }));
    await run(at(now - 90 * day, 0), at(now - day, 1), at(now, 2));
    expect(await payloads(session_id)).toHaveLength(2);
    expect(await letters(session_id)).toMatchObject([{ seq: 2, reason: "session_expired: kept for 90 days" }]);
  });

  it("is a batch of a project that is gone, and holds up nobody", async () => {
    const [gone, here] = [session(), session()];
    const message = messageOf(
      sealed([event(0)], { session_id: gone, project_id: 404 }),
      sealed([event(0)], { session_id: here }),
    );
    expect(await run(message)).toEqual([streamSeq]);
    expect(await letters(gone)).toMatchObject([{ reason: "project_gone: project 404" }]);
    expect(await payloads(here)).toHaveLength(1);
  });
});

describe("a stage that throws", () => {
  it("ends the pipeline at once, though no more messages come", async () => {
    const data = messageOf(sealed([event(0)], { session_id: session() }));
    const more = Promise.withResolvers<void>();
    const running = runPipeline(
      (async function* () {
        yield delivered(data, 3);
        await more.promise;
      })(),
      {
        sql: databases.sql,
        clickhouse: databases.clickhouse,
        metrics: createMetrics(async () => null),
        acknowledge: () => Promise.reject(new Error("a bug")),
        gaps: { seen: () => undefined },
        waiting: () => undefined,
        giveUp: AbortSignal.timeout(60_000),
      },
    );
    await expect(running).rejects.toThrow("a bug");
    more.resolve();
    await databases.sql`DELETE FROM suspects`; // its try: the worker that would settle it is gone
  });
});

describe("a message that an engine will not take, though it answers", () => {
  const MARK = "poison-7f3a";
  /** ClickHouse, which fails at each insert with the mark as `status` and `code` say. */
  function failing(code: string, failures = Number.POSITIVE_INFINITY) {
    let failed = 0;
    const clickhouse = openClickHouse(databases.clickhouseUrl, "test", async (input, init) => {
      const body = init?.body ? Buffer.from(await new Response(init.body).arrayBuffer()) : null;
      if (failed < failures && body?.includes(MARK)) {
        failed++;
        return new Response(`Code: ${code}. DB::Exception: no. (SOME_ERROR)`, {
          status: 500,
          headers: { "X-ClickHouse-Exception-Code": code },
        });
      }
      return fetch(input, { ...init, ...(body && { body }) });
    });
    return { clickhouse, failures: () => failed };
  }

  const suspects = () => databases.sql`SELECT tries FROM suspects`;

  it("is found among its neighbours, tried alone, and what fails of it is a dead letter at the tenth try", async () => {
    const [bad, good] = [session(), session()];
    const beside = [0, 2].map((seq) => sealed([event(seq)], { session_id: bad, seq }));
    const poison = sealed([event(1, 3, { text: MARK })], { session_id: bad, seq: 1 });
    const { clickhouse, failures } = failing("49");
    const lot = [
      delivered(messageOf(sealed([event(0)], { session_id: good }))),
      delivered(messageOf(beside[0] as Sealed, poison, beside[1] as Sealed)),
      delivered(messageOf(sealed([event(1)], { session_id: good, seq: 1 }))),
    ];
    expect((await settle(clickhouse, lot)).toSorted()).toEqual(lot.map(({ seq }) => seq));
    expect(failures()).toBe(9);
    expect(await payloads(good)).toHaveLength(2);
    expect(await payloads(bad)).toHaveLength(2);
    expect(await letters(bad)).toMatchObject([
      { seq: 1, reason: expect.stringMatching(/^tries_used_up: 10, the last: events_rrweb: code 49/) },
    ]);
    expect(await suspects()).toEqual([]);
  });

  it("is acknowledged once, when all of its batches are through, however many of them fail", async () => {
    const session_id = session();
    const batches = [0, 1, 2, 3].map((seq) =>
      sealed([event(seq, 3, { text: seq % 2 ? "" : MARK })], { session_id, seq }),
    );
    const settled: unknown[] = [];
    const { clickhouse, failures } = failing("49");
    await settle(clickhouse, [delivered(messageOf(...batches))], async (done) => {
      if (done.length > 0) settled.push([(await payloads(session_id)).length, (await letters(session_id)).length]);
    });
    expect(settled).toEqual([[2, 2]]);
    expect(failures()).toBe(5 + 2 * 4);
    expect(await suspects()).toEqual([]);
  });

  it("is a letter though some rows of its custom events are there: an insert may have written a part before it failed", async () => {
    const session_id = session();
    const batch = sealedCustom([custom(1), { ...custom(2), props: { text: MARK } }], { session_id });
    const { clickhouse } = failing("241");
    const row = {
      project_id: 1,
      session_id,
      event_name: custom(1).name,
      batch_id: batch.envelope.batch_id,
      version: 65_536,
    };
    await databases.clickhouse.insert({
      table: "events",
      values: [{ ...row, ts: custom(1).ts, received_on: "2026-11-23" }],
      format: "JSONEachRow",
    });
    await settle(clickhouse, [delivered(messageOf(batch))]);
    expect(await letters(session_id)).toMatchObject([{ reason: expect.stringMatching(/^tries_used_up/) }]);
  });

  it("is loaded when it is taken after all, and its tries are forgotten", async () => {
    const session_id = session();
    const { clickhouse } = failing("49", 6);
    await settle(clickhouse, [delivered(messageOf(sealed([event(0, 3, { text: MARK })], { session_id })))]);
    expect(await payloads(session_id)).toHaveLength(1);
    expect(await letters(session_id)).toEqual([]);
    expect(await suspects()).toEqual([]);
  });

  it("costs nothing while ClickHouse says of itself that it takes nothing", async () => {
    const session_id = session();
    const { clickhouse, failures } = failing("243", 40);
    await settle(clickhouse, [delivered(messageOf(sealed([event(0, 3, { text: MARK })], { session_id })), 7)]);
    expect(failures()).toBe(40);
    expect(await payloads(session_id)).toHaveLength(1);
    expect(await letters(session_id)).toEqual([]);
  });

  /** ClickHouse, whose inserts of recordings that are `late` end so many ms later without an answer. */
  function late(isLate: (insert: Buffer) => boolean, lateMs: number, failures = Number.POSITIVE_INFINITY) {
    let failed = 0;
    const clickhouse = openClickHouse(databases.clickhouseUrl, "test", async (input, init) => {
      const body = init?.body ? Buffer.from(await new Response(init.body).arrayBuffer()) : null;
      if (failed < failures && body && String(input).includes("events_rrweb") && isLate(body)) {
        failed++;
        await sleep(lateMs);
        throw new DOMException("The operation was aborted due to timeout", "TimeoutError");
      }
      return fetch(input, { ...init, ...(body && { body }) });
    });
    return { clickhouse, failures: () => failed };
  }
  const isPoison = (insert: Buffer) => insert.includes(MARK);
  const besides = (session_id: string) => [0, 2].map((seq) => sealed([event(seq)], { session_id, seq }));
  const poison = (session_id: string) => sealed([event(1, 3, { text: MARK })], { session_id, seq: 1 });

  it("is dead as well where it is never done in time, and a neighbour is, right after", async () => {
    const session_id = session();
    const { clickhouse } = late(isPoison, 1_500);
    await settle(clickhouse, [delivered(messageOf(...besides(session_id), poison(session_id)))]);
    expect(await payloads(session_id)).toHaveLength(2);
    expect(await letters(session_id)).toMatchObject([
      { seq: 1, reason: expect.stringMatching(/^tries_used_up: 10, the last: events_rrweb: .*timeout/) },
    ]);
    expect(await suspects()).toEqual([]);
  }, 60_000);

  const DELETED = "de1e7ed0-0000-4000-8000-000000000001";
  it.each<[string, (insert: Buffer) => boolean, number, besides: Sealed[]]>([
    ["everything is", () => true, 0, besides(session())],
    ["neighbours are not, but nearly", isPoison, 0, besides(session())],
    ["it has no neighbours", isPoison, 0, []],
    ["its neighbours are deleted", isPoison, 300, besides(DELETED)],
  ])(
    "is not given up for being late while %s",
    async (_while, isLate, lateMs, neighbours) => {
      await databases.sql`INSERT INTO tombstones (project_id, session_id) VALUES (1, ${DELETED}) ON CONFLICT DO NOTHING`;
      const session_id = session();
      const { clickhouse, failures } = late(isLate, lateMs, 25);
      await settle(clickhouse, [delivered(messageOf(...neighbours, poison(session_id)))]);
      expect(failures()).toBe(25);
      expect(await payloads(session_id)).toHaveLength(1);
      expect(await letters(session_id)).toEqual([]);
      expect(await suspects()).toEqual([]);
    },
    30_000,
  );

  it("is not given up where ClickHouse itself ends what takes too long", async () => {
    const session_id = session();
    const { clickhouse, failures } = failing("159", 40);
    await settle(clickhouse, [delivered(messageOf(poison(session_id)))]);
    expect(failures()).toBe(40);
    expect(await payloads(session_id)).toHaveLength(1);
    expect(await letters(session_id)).toEqual([]);
  });

  it("goes on being tried where the last worker had to leave it", async () => {
    const session_id = session();
    const data = messageOf(sealed([event(0)], { session_id }), sealed([event(1)], { session_id, seq: 1 }));
    const message = createHash("sha256").update(data).digest();
    const second = createHash("sha256").update(message).update("1").digest();
    await databases.sql`INSERT INTO suspects (message, tries) VALUES (${message}, 7), (${second}, 4)`;
    await settle(failing("49").clickhouse, [delivered(data, 30)]);
    expect(await payloads(session_id)).toHaveLength(1);
    expect(await letters(session_id)).toMatchObject([{ seq: 1, reason: "tries_used_up: 10" }]);
    expect(await suspects()).toEqual([]);
  });

  it("that waits for an engine while its batches are tried one by one has used up nothing", async () => {
    const session_id = session();
    const data = messageOf(sealed([event(0, 3, { text: MARK })], { session_id }));
    const message = createHash("sha256").update(data).digest();
    await databases.sql`INSERT INTO suspects (message, tries) VALUES (${message}, 7)`;
    await settle(failing("243", 40).clickhouse, [delivered(data, 30)]);
    expect(await payloads(session_id)).toHaveLength(1);
    expect(await letters(session_id)).toEqual([]);
    expect(await suspects()).toEqual([]);
  });

  it("is not judged by its deliveries: what lay in the hands of workers that died of something else is loaded", async () => {
    const session_id = session();
    await settle(failing("49").clickhouse, [delivered(messageOf(sealed([event(0)], { session_id })), 300)]);
    expect(await payloads(session_id)).toHaveLength(1);
  });
});

describe("a message larger than a lot", () => {
  it("is acknowledged when the last of its batches is loaded", async () => {
    const session_id = session();
    const text = "x".repeat(9 * 1024 * 1024);
    const batches = [0, 1, 2].map((seq) => sealed([event(seq, 3, { text })], { session_id, seq }));
    expect(await run(messageOf(...batches))).toEqual([streamSeq]);
    expect((await payloads(session_id)).map((payload) => payload.length > text.length)).toEqual([true, true, true]);
  });

  it("is not acknowledged before its first batches are loaded, though its last were loaded before them", async () => {
    const session_id = session();
    const text = "x".repeat(17 * 1024 * 1024);
    const [first, last] = ["the first lot", "the last lot"];
    const batches = [first, last].map((lot, seq) =>
      sealed([event(seq, 3, { lot, text })], { session_id, seq, format: "framed" }),
    );
    const lastIsIn = Promise.withResolvers<void>();
    const clickhouse = openClickHouse(databases.clickhouseUrl, "test", async (input, init) => {
      const body = init?.body ? Buffer.from(await new Response(init.body).arrayBuffer()) : null;
      if (body?.includes(first)) await lastIsIn.promise;
      const answer = await fetch(input, { ...init, ...(body && { body }) });
      if (body?.includes(last)) lastIsIn.resolve();
      return answer;
    });
    const loaded: number[] = [];
    await settle(clickhouse, [delivered(messageOf(...batches))], async (done) => {
      if (done.length > 0) loaded.push((await payloads(session_id)).length);
    });
    expect(loaded).toEqual([2]);
  });

  it("may hold one batch of 30 MiB in a single event", async () => {
    const session_id = session();
    const text = "long & dark ".repeat((30 * 1024 * 1024) / 12);
    const batch = sealed([event(0, 2, { text })], { session_id, format: "framed" });
    await run(messageOf(batch));
    const [payload = ""] = await payloads(session_id);
    expect(JSON.parse(payload)).toEqual(event(0, 2, { text }));
  });
});
