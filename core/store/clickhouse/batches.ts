/** `batches`: one row an attempt. The index of a session's playback, and what its ledger is made of. */
import { z } from "zod";
import { DroppedRange } from "#protocol/batch.ts";
import type { ClickHouseClient } from "./client.ts";
import { jsonLine } from "./json-line.ts";
import { clickhouseTime } from "./time.ts";

export interface SessionKey {
  project_id: number;
  session_id: string;
}

/** A row as it is inserted. Times are ms. */
export interface BatchRow extends SessionKey {
  window_id: string;
  seq: number;
  batch_id: string;
  received_at: number;
  first_ts: number;
  last_ts: number;
  event_count: number;
  events_bytes: number;
  body_bytes: number;
  full_snapshots: { idx: number; ts: number }[];
  durable: string;
  format: string;
  encoding: string;
  sent_at: number | null;
  sealed_at: number | null;
  sealed_through: number | null;
  dropped: DroppedRange[];
  is_end: boolean;
  url: string;
  user_id: string | null;
  user_email: string | null;
  user_traits: Record<string, unknown>;
  user_agent: string;
  country: string;
  sdk: string;
  release: string;
  environment: string;
  /** Facts that it tells, by kind (core/facts/batch-facts.ts). */
  click_count: number;
  error_count: number;
  console_error_count: number;
  request_failed_count: number;
  /** `YYYY-MM-DD` */
  received_on: string;
  version: number;
}

export function batchLine({ full_snapshots, ...row }: BatchRow): string {
  return jsonLine({
    ...row,
    received_at: clickhouseTime(row.received_at),
    first_ts: clickhouseTime(row.first_ts),
    last_ts: clickhouseTime(row.last_ts),
    full_snapshot_idx: full_snapshots.map(({ idx }) => idx),
    full_snapshot_ts: full_snapshots.map(({ ts }) => clickhouseTime(ts)),
    sent_at: row.sent_at === null ? null : clickhouseTime(row.sent_at),
    sealed_at: row.sealed_at === null ? null : clickhouseTime(row.sealed_at),
    dropped: JSON.stringify(row.dropped),
    user_traits: JSON.stringify(row.user_traits),
  });
}

/** An attempt as it is read. Times are ms of the clock that the column names. */
export const Attempt = z.object({
  project_id: z.int(),
  session_id: z.string(),
  window_id: z.string(),
  seq: z.int(),
  batch_id: z.string(),
  received_at: z.int(),
  first_ts: z.int(),
  last_ts: z.int(),
  event_count: z.int(),
  events_bytes: z.int(),
  full_snapshot_idx: z.array(z.int()),
  full_snapshot_ts: z.array(z.int()),
  durable: z.string(),
  sealed_through: z.int().nullable(),
  dropped: z.string().transform((text) => z.array(DroppedRange).parse(JSON.parse(text))),
  is_end: z.boolean(),
  url: z.string(),
  user_id: z.string().nullable(),
  user_email: z.string().nullable(),
  user_agent: z.string(),
  country: z.string(),
  release: z.string(),
  environment: z.string(),
  click_count: z.int(),
  error_count: z.int(),
  console_error_count: z.int(),
  request_failed_count: z.int(),
  /** Of the redaction rules that its rows were made under. */
  version: z.int(),
});
export type Attempt = z.infer<typeof Attempt>;

/** Keys in one query: they travel in the URL, and servers bound its length. */
const KEYS_MAX = 150;

/**
 * All loaded attempts of the sessions, each once, by window, seq, batch and time of arrival. Right before any merge:
 * copies of an attempt are collapsed here, the highest version first.
 */
export async function readAttempts(
  clickhouse: ClickHouseClient,
  sessions: readonly SessionKey[],
  signal?: AbortSignal,
): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const [project, ids] of idsByProject(sessions)) {
    const result = await clickhouse.query({
      query: `
        SELECT project_id, session_id, window_id, seq, batch_id,
          toUnixTimestamp64Milli(b.received_at) AS received_at,
          toUnixTimestamp64Milli(b.first_ts) AS first_ts, toUnixTimestamp64Milli(b.last_ts) AS last_ts,
          event_count, events_bytes, full_snapshot_idx,
          arrayMap(ts -> toUnixTimestamp64Milli(ts), b.full_snapshot_ts) AS full_snapshot_ts,
          toString(b.durable) AS durable, sealed_through, dropped, is_end, url, user_id, user_email, user_agent,
          toString(b.country) AS country, toString(b.release) AS release, toString(b.environment) AS environment,
          click_count, error_count, console_error_count, request_failed_count, version
        FROM batches AS b
        WHERE project_id = {project: UInt32} AND session_id IN {ids: Array(UUID)}
        ORDER BY session_id, window_id, seq, batch_id, b.received_at, version DESC
        LIMIT 1 BY session_id, window_id, seq, batch_id, b.received_at`,
      query_params: { project, ids },
      format: "JSONEachRow",
      abort_signal: signal,
    });
    attempts.push(...z.array(Attempt).parse(await result.json()));
  }
  return attempts;
}

/** What of an attempt says where its batch plays. */
const PlayAttempt = Attempt.pick({
  window_id: true,
  seq: true,
  batch_id: true,
  received_at: true,
  first_ts: true,
  last_ts: true,
  event_count: true,
  events_bytes: true,
  full_snapshot_idx: true,
  full_snapshot_ts: true,
  is_end: true,
  url: true,
  user_id: true,
  version: true,
});
export type PlayAttempt = z.infer<typeof PlayAttempt>;

/** ClickHouse's JSONCompact, which says each column's name once. */
const CompactAnswer = z.object({
  meta: z.array(z.object({ name: z.string() })),
  data: z.array(z.array(z.unknown())),
});

/** As `readAttempts`, but only what playback needs: a first frame waits for it, of a session of hours with thousands. */
export async function readPlayAttempts(
  clickhouse: ClickHouseClient,
  { project_id, session_id }: SessionKey,
  signal?: AbortSignal,
): Promise<PlayAttempt[]> {
  const result = await clickhouse.query({
    query: `
      SELECT window_id, seq, batch_id,
        toUnixTimestamp64Milli(b.received_at) AS received_at,
        toUnixTimestamp64Milli(b.first_ts) AS first_ts, toUnixTimestamp64Milli(b.last_ts) AS last_ts,
        event_count, events_bytes, full_snapshot_idx,
        arrayMap(ts -> toUnixTimestamp64Milli(ts), b.full_snapshot_ts) AS full_snapshot_ts,
        is_end, url, user_id, version
      FROM batches AS b
      WHERE project_id = {project: UInt32} AND session_id = {session: UUID}
      ORDER BY window_id, seq, batch_id, b.received_at, version DESC
      LIMIT 1 BY window_id, seq, batch_id, b.received_at`,
    query_params: { project: project_id, session: session_id },
    format: "JSONCompact",
    abort_signal: signal,
  });
  const { meta, data } = CompactAnswer.parse(await result.json());
  return data.map((row) => PlayAttempt.parse(Object.fromEntries(meta.map(({ name }, i) => [name, row[i]]))));
}

/** Which of the batches have a row: their events can be read. Batches of custom events never have one (events.ts). */
export async function loadedBatchIds(
  clickhouse: ClickHouseClient,
  batches: readonly (SessionKey & { batch_id: string })[],
): Promise<Set<string>> {
  const loaded = new Set<string>();
  const asked = new Set(batches.map(({ batch_id }) => batch_id));
  for (const [project, ids] of idsByProject(batches)) {
    // The ids alone: of a session with very much in it a letter can be written, too.
    const result = await clickhouse.query({
      query: `
        SELECT DISTINCT toString(batch_id) AS batch_id FROM batches
        WHERE project_id = {project: UInt32} AND session_id IN {ids: Array(UUID)}`,
      query_params: { project, ids },
      format: "JSONEachRow",
    });
    for (const { batch_id } of z.array(z.object({ batch_id: z.string() })).parse(await result.json())) {
      if (asked.has(batch_id)) loaded.add(batch_id);
    }
  }
  return loaded;
}

/** One entry a project and at most KEYS_MAX of its sessions, each session once. */
export function idsByProject(sessions: readonly SessionKey[]): [project: number, ids: string[]][] {
  const byProject = Map.groupBy(sessions, ({ project_id }) => project_id);
  return [...byProject].flatMap(([project, keys]) => {
    const ids = [...new Set(keys.map(({ session_id }) => session_id))];
    const chunks: [number, string[]][] = [];
    for (let at = 0; at < ids.length; at += KEYS_MAX) chunks.push([project, ids.slice(at, at + KEYS_MAX)]);
    return chunks;
  });
}
