/** Rows that older redaction rules made: found, read as the events and facts that they are, and taken away. */
import { arrayBuffer } from "node:stream/consumers";
import { z } from "zod";
import type { Slice } from "#protocol/json-scan.ts";
import type { SessionKey } from "./batches.ts";
import { type ClickHouseClient, INSERT_SETTINGS } from "./client.ts";
import { eventVersion } from "./event-version.ts";
import type { SessionTable } from "./removal.ts";
import { stringAt } from "./row-binary.ts";

/** The column that is below this is of older rules. */
const OLDER: Record<SessionTable, (version: number) => number> = {
  events_rrweb: (version) => version,
  batches: (version) => version,
  events: (version) => eventVersion(version),
  seen_text: (version) => eventVersion(version),
};
const TABLES = Object.keys(OLDER) as SessionTable[];

/** Sessions of the project that have rows of rules before `version`, in the order of their ids. */
export async function sessionsOfOlderRules(
  clickhouse: ClickHouseClient,
  projectId: number,
  version: number,
): Promise<string[]> {
  const of = (table: SessionTable) =>
    `SELECT session_id FROM ${table} WHERE project_id = {project: UInt32} AND version < ${OLDER[table](version)}`;
  const result = await clickhouse.query({
    query: `SELECT DISTINCT toString(session_id) AS session_id FROM (${TABLES.map(of).join(" UNION ALL ")})
      ORDER BY session_id`,
    query_params: { project: projectId },
    format: "JSONEachRow",
  });
  const rows = z.array(z.object({ session_id: z.string() })).parse(await result.json());
  return rows.map(({ session_id }) => session_id);
}

const ms = z.int().nullable();

/** An attempt's row with all that its envelope said. Times are ms. */
const OlderAttempt = z.object({
  window_id: z.string(),
  seq: z.int(),
  batch_id: z.string(),
  received_at: z.int(),
  event_count: z.int(),
  events_bytes: z.int(),
  body_bytes: z.int(),
  durable: z.enum(["stream", "spool"]),
  format: z.enum(["json", "framed"]),
  encoding: z.enum(["identity", "gzip", "deflate", "br"]),
  sent_at: ms,
  sealed_at: ms,
  sealed_through: z.int().nullable(),
  dropped: z.string(),
  is_end: z.boolean(),
  url: z.string(),
  user_id: z.string().nullable(),
  user_email: z.string().nullable(),
  user_traits: z.string(),
  user_agent: z.string(),
  country: z.string(),
  sdk: z.string(),
  release: z.string(),
  environment: z.string(),
});
export type OlderAttempt = z.infer<typeof OlderAttempt>;

/** The session's attempts that only older rules made rows of, each once. */
export async function attemptsOfOlderRules(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  version: number,
): Promise<OlderAttempt[]> {
  const result = await clickhouse.query({
    query: `
      SELECT window_id, seq, toString(b.batch_id) AS batch_id, toUnixTimestamp64Milli(b.received_at) AS received_at,
        event_count, events_bytes, body_bytes, toString(b.durable) AS durable, toString(b.format) AS format,
        toString(b.encoding) AS encoding, toUnixTimestamp64Milli(b.sent_at) AS sent_at,
        toUnixTimestamp64Milli(b.sealed_at) AS sealed_at, sealed_through, dropped, is_end, url, user_id, user_email,
        user_traits, user_agent, toString(b.country) AS country, toString(b.sdk) AS sdk,
        toString(b.release) AS release, toString(b.environment) AS environment
      FROM (
        SELECT * FROM batches WHERE project_id = {project: UInt32} AND session_id = {session: UUID}
        ORDER BY window_id, seq, batch_id, received_at, version DESC LIMIT 1 BY window_id, seq, batch_id, received_at
      ) AS b
      WHERE version < {version: UInt32}
      ORDER BY window_id, seq, b.batch_id, b.received_at`,
    query_params: { project: session.project_id, session: session.session_id, version },
    format: "JSONEachRow",
  });
  return z.array(OlderAttempt).parse(await result.json());
}

/** The batch's events as they are stored, by the newest rules that made them, in their order. */
export async function storedEvents(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  { window_id, seq, batch_id, event_count }: Pick<OlderAttempt, "window_id" | "seq" | "batch_id" | "event_count">,
): Promise<{ text: Buffer; slices: Slice[] }> {
  const { stream } = await clickhouse.exec({
    query: `
      SELECT payload FROM events_rrweb
      PREWHERE project_id = {project: UInt32} AND session_id = {session: UUID} AND window_id = {window: String}
        AND seq = {seq: UInt32} AND batch_id = {batch: UUID}
      ORDER BY idx, version DESC LIMIT 1 BY idx FORMAT RowBinary`,
    query_params: {
      project: session.project_id,
      session: session.session_id,
      window: window_id,
      seq,
      batch: batch_id,
    },
  });
  const text = Buffer.from(await arrayBuffer(stream));
  const slices = strings(text);
  // Its row in `batches` went in after them all: whoever renumbers what is left would make up another batch.
  if (slices.length !== event_count) throw new Error(`batch ${batch_id}: ${slices.length} of ${event_count} events`);
  return { text, slices };
}

function strings(bytes: Buffer): Slice[] {
  const found: Slice[] = [];
  for (let at = 0; at < bytes.length; at = found.at(-1)?.end ?? bytes.length) found.push(stringAt(bytes, at));
  return found;
}

const StoredCustomEvent = z.object({ event_id: z.string(), url: z.string(), props: z.string() });
export type StoredCustomEvent = z.infer<typeof StoredCustomEvent>;

/** The session's custom events that only older rules made rows of. `props` is JSON text. */
export async function customEventsOfOlderRules(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  version: number,
): Promise<StoredCustomEvent[]> {
  const result = await clickhouse.query({
    query: `
      SELECT toString(e.event_id) AS event_id, url, toString(e.props) AS props
      FROM (${newestCustomEvents()}) AS e WHERE version < {version: UInt32}`,
    query_params: { project: session.project_id, session: session.session_id, version: eventVersion(version) },
    format: "JSONEachRow",
  });
  return z.array(StoredCustomEvent).parse(await result.json());
}

/** What came as custom events. Those that a recording tells of are derived of it anew. */
function newestCustomEvents(): string {
  const ofSession = "project_id = {project: UInt32} AND session_id = {session: UUID}";
  return `SELECT * FROM events WHERE ${ofSession} AND NOT startsWith(event_name, '$')
      AND batch_id NOT IN (SELECT batch_id FROM batches WHERE ${ofSession})
    ORDER BY event_name, ts, event_id, version DESC LIMIT 1 BY event_name, ts, event_id`;
}

/** Ids in one statement: they travel in the URL. */
const IDS_MAX = 150;

/**
 * Makes rows by rules of `version` of those that older ones made: as they are, but for what `changed` says of an event. Of
 * no others than these: what has come meanwhile has not been looked through.
 *
 * @param changed each with its props as a JSON column takes them (json-column.ts)
 * @param unchanged ids of the others that were looked through
 */
export async function raiseCustomEvents(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  version: number,
  changed: readonly StoredCustomEvent[],
  unchanged: readonly string[],
): Promise<void> {
  const raise = (replaced: string, where: string, params: Record<string, unknown>) =>
    clickhouse.command({
      query: `
        INSERT INTO events (* EXCEPT(ingest_ts))
        SELECT * EXCEPT(ingest_ts) REPLACE({version: UInt32} AS version${replaced})
        FROM (SELECT * FROM (${newestCustomEvents()}) WHERE version < {version: UInt32} AND ${where})`,
      query_params: {
        project: session.project_id,
        session: session.session_id,
        version: eventVersion(version),
        ...params,
      },
      clickhouse_settings: INSERT_SETTINGS,
    });
  for (const { event_id, url, props } of changed) {
    const replaced = ", {url: String} AS url, CAST({props: String} AS JSON(max_dynamic_paths = 128)) AS props";
    await raise(replaced, "event_id = {id: UUID}", { id: event_id, url, props });
  }
  for (let at = 0; at < unchanged.length; at += IDS_MAX) {
    await raise("", "event_id IN {some: Array(UUID)}", { some: unchanged.slice(at, at + IDS_MAX) });
  }
}

const OF_SESSIONS = "project_id = {project: UInt32} AND session_id IN {ids: Array(UUID)}";
const NEWER_BATCHES = `SELECT batch_id FROM batches WHERE ${OF_SESSIONS} AND version >= {rules: UInt32}`;

/**
 * Which rows of older rules are there by newer ones as well. A batch's row in `batches` goes in after all its others. What
 * is told of spans is told anew.
 */
const REPLACED: Record<SessionTable, string> = {
  events_rrweb: `batch_id IN (${NEWER_BATCHES})`,
  batches: `(batch_id, received_at) IN (
    SELECT batch_id, received_at FROM batches WHERE ${OF_SESSIONS} AND version >= {rules: UInt32})`,
  events: `(batch_id IN (${NEWER_BATCHES})
    OR event_id IN (SELECT event_id FROM events WHERE ${OF_SESSIONS} AND version >= {version: UInt32}))`,
  seen_text: "true",
};

/**
 * Takes the sessions' rows of older rules away, from every part.
 *
 * @param which `replaced`: those that are there by newer rules as well, for a worker that had read older ones may just be
 * inserting others; `all` where none is
 * @returns rows, copies included, by table
 */
export async function removeOlderRules(
  clickhouse: ClickHouseClient,
  projectId: number,
  sessionIds: readonly string[],
  version: number,
  which: "replaced" | "all",
): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  if (sessionIds.length === 0) return removed;
  for (const table of TABLES) {
    const where = `${OF_SESSIONS} AND version < {version: UInt32} AND ${which === "all" ? "true" : REPLACED[table]}`;
    const query_params = { project: projectId, ids: sessionIds, version: OLDER[table](version), rules: version };
    const counted = await clickhouse.query({
      query: `SELECT count() AS rows FROM ${table} WHERE ${where}`,
      query_params,
      format: "JSONEachRow",
    });
    const [{ rows }] = z.tuple([z.object({ rows: z.coerce.number() })]).parse(await counted.json());
    if (rows === 0) continue;
    await clickhouse.command({
      query: `ALTER TABLE ${table} DELETE WHERE ${where}`,
      query_params,
      clickhouse_settings: { mutations_sync: "2" },
    });
    removed[table] = rows;
  }
  return removed;
}
