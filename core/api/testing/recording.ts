/** Recordings as the worker would have loaded them, put straight into the tables. */
import { batchFacts, countsOf, customFacts, type FactCounts } from "#core/facts/batch-facts.ts";
import { correctedMs, receivedOn } from "#core/facts/claim.ts";
import type { FactEvent } from "#core/facts/page-view.ts";
import { sessionFacts } from "#core/facts/session-facts.ts";
import { type BatchRow, batchLine, readAttempts } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { eventLine, readPageViews } from "#core/store/clickhouse/events.ts";
import { INSERT_RRWEB, rrwebRows } from "#core/store/clickhouse/events-rrweb.ts";
import { type InsertOutcome, insertBytes, insertRows } from "#core/store/clickhouse/insert.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { writeSessionPeople } from "#core/store/postgres/session-people.ts";
import { claimSessions, writeSessionFacts } from "#core/store/postgres/sessions-meta.ts";
import { batchId } from "#protocol/batch-id.ts";
import { EventType } from "#protocol/event.ts";

export interface BatchFixture {
  projectId: number;
  sessionId: string;
  windowId: string;
  seq: number;
  /** Each event's JSON text, as it was sent. */
  payloads: readonly string[];
  /** ms; the attempt's own. */
  receivedAt: number;
  version?: number;
  /** That of other payloads: the same batch under other redaction rules. */
  batchId?: string | undefined;
  row?: Partial<BatchRow>;
}

export interface Engines {
  sql: Sql;
  clickhouse: ClickHouseClient;
}

/** Loads batches as one insert (and so one part) a table, then the session's facts. Returns their ids. */
export async function load(engines: Engines, ...batches: BatchFixture[]): Promise<string[]> {
  const firsts = new Map(batches.toReversed().map((batch) => [batch.sessionId, batch]));
  const claims = await claimSessions(
    engines.sql,
    [...firsts.values()].map(({ projectId, sessionId, receivedAt }) => ({
      project_id: projectId,
      session_id: sessionId,
      first_received_at: receivedAt,
      clock_offset_ms: 0,
    })),
  );
  const rows = batches.map((batch) => {
    const claim = claims.find(({ session_id }) => session_id === batch.sessionId);
    if (!claim) throw new Error("the project does not exist");
    return rowsOf(batch, claim);
  });
  expectInserted(await insertBytes(engines.clickhouse, INSERT_RRWEB, rrwebRows(rows)));
  const facts = rows.flatMap((row) => row.facts);
  expectInserted(await insertRows(engines.clickhouse, "events", facts, eventLine));
  const listed = rows.map(({ batch }) => batch);
  expectInserted(await insertRows(engines.clickhouse, "batches", listed, batchLine));
  for (const claim of claims) await refreshFacts(engines, claim);
  return rows.map(({ batch }) => batch.batch_id);
}

export interface CustomFixture {
  projectId: number;
  sessionId: string;
  windowId: string;
  receivedAt: number;
  events: { name: string; ts: number; url?: string; props?: Record<string, unknown> }[];
}

/** Loads a batch of custom events, as the worker does. */
export async function loadCustom({ sql, clickhouse }: Engines, fixture: CustomFixture): Promise<void> {
  const { projectId, sessionId, windowId, receivedAt, events } = fixture;
  const session = { project_id: projectId, session_id: sessionId };
  const [claim] = await claimSessions(sql, [{ ...session, first_received_at: receivedAt, clock_offset_ms: 0 }]);
  if (!claim) throw new Error("the project does not exist");
  const text = Buffer.from(JSON.stringify(events));
  const batch_id = batchId({ projectId, sessionId, windowId, seq: 0, events: text });
  const sent = events.map((event) => ({ url: "", props: {}, ...event }));
  const key = { ...session, window_id: windowId, batch_id, received_on: receivedOn(claim), version: 0, user_id: null };
  const facts = customFacts({ batch_id, events: sent }).map((fact) => ({
    ...key,
    ...fact,
    ts: correctedMs(fact.ts, claim),
  }));
  expectInserted(await insertRows(clickhouse, "events", facts, eventLine));
}

type Claimed = Awaited<ReturnType<typeof claimSessions>>[number];

function rowsOf(fixture: BatchFixture, claim: Claimed) {
  const { projectId, sessionId, windowId, seq, payloads, receivedAt, version = 1 } = fixture;
  const text = Buffer.from(`[${payloads.join(",")}]`);
  const key = {
    project_id: projectId,
    session_id: sessionId,
    window_id: windowId,
    seq,
    batch_id: fixture.batchId ?? batchId({ projectId, sessionId, windowId, seq, events: text }),
    received_on: receivedOn(claim),
    version,
  };
  let start = 1;
  const events = payloads.map((payload) => {
    const event = { ...(JSON.parse(payload) as FactEvent), start, end: start + Buffer.byteLength(payload) };
    start = event.end + 1;
    return event;
  });
  const times = events.map(({ timestamp }) => timestamp);
  const batch: Omit<BatchRow, keyof FactCounts> = {
    ...key,
    received_at: receivedAt,
    first_ts: Math.min(...times),
    last_ts: Math.max(...times),
    event_count: events.length,
    events_bytes: text.length,
    body_bytes: text.length,
    full_snapshots: events.flatMap(({ type, timestamp }, idx) =>
      type === EventType.FullSnapshot ? [{ idx, ts: timestamp }] : [],
    ),
    durable: "stream",
    format: "json",
    encoding: "identity",
    sent_at: null,
    sealed_at: null,
    sealed_through: null,
    dropped: [],
    is_end: false,
    url: "https://shop.example/",
    user_id: null,
    user_email: null,
    user_traits: {},
    user_agent: "Mozilla/5.0 (X11; Linux x64; rv:142.0) Gecko/20100101 Firefox/142.0",
    country: "DE",
    sdk: "",
    release: "",
    environment: "",
    ...fixture.row,
  };
  const user = { id: batch.user_id, email: batch.user_email };
  const facts = batchFacts({ ...batch, user, events });
  return {
    batch: { ...countsOf(facts), ...batch },
    key,
    recorded: { text, events },
    facts: facts.map((fact) => ({ ...key, ...fact, ts: correctedMs(fact.ts, claim), user_id: batch.user_id })),
  };
}

async function refreshFacts({ sql, clickhouse }: Engines, claim: Claimed): Promise<void> {
  const attempts = await readAttempts(clickhouse, [claim]);
  const pageViews = await readPageViews(clickhouse, [claim], { from: 0, to: Date.UTC(2200, 0) });
  const views = pageViews.map((view) => ({ ...view, props: { kind: view.kind } }));
  const facts = sessionFacts(
    { claim, attempts, pageViews: views, rejected: [], internalHosts: [] },
    claim.first_received_at,
  );
  const { project_id, session_id } = claim;
  if (!facts) return;
  const written = [{ ...facts, project_id, session_id, epoch: 0 }];
  await writeSessionFacts(sql, written);
  await writeSessionPeople(sql, written);
}

function expectInserted(outcome: InsertOutcome): void {
  if (!outcome.ok) throw new Error(outcome.message);
}

/** The JSON texts of some rrweb events: a Meta, a full snapshot, then `count` mutations, `stepMs` apart. */
export function recordedPage(
  startMs: number,
  { href = "https://shop.example/", count = 3, stepMs = 100, label = "" } = {},
): string[] {
  const event = (type: number, at: number, data: object) =>
    JSON.stringify({ type, data, timestamp: startMs + at * stepMs });
  return [
    event(EventType.Meta, 0, { href, width: 800, height: 600 }),
    event(EventType.FullSnapshot, 0, { node: { type: 0, childNodes: [], id: 1 }, initialOffset: { top: 0, left: 0 } }),
    ...Array.from({ length: count }, (_, i) => event(EventType.IncrementalSnapshot, i + 1, { source: 1, label, i })),
  ];
}
