/** `redactions`: intents to apply a project's rules to what is stored. Written by the API, carried out by the sweep. */
import type { SessionKey } from "../clickhouse/batches.ts";
import type { Queryable } from "./client.ts";
import { type ClaimedSession, claimColumns, keysJson } from "./sessions-meta.ts";
import type { StreamPlace } from "./tombstones.ts";

/** Projects with an intent that is not done. */
export async function projectsToRedact(sql: Queryable): Promise<number[]> {
  const rows = await sql<{ project_id: number }[]>`
    SELECT DISTINCT project_id FROM redactions WHERE done_at IS NULL ORDER BY project_id`;
  return rows.map(({ project_id }) => project_id);
}

/** The claims of those sessions that have one and are not deleted. */
export async function claimsToRedact(sql: Queryable, sessions: readonly SessionKey[]): Promise<ClaimedSession[]> {
  return sql<ClaimedSession[]>`
    SELECT m.project_id, m.session_id, ${claimColumns(sql)}
    FROM sessions_meta m
    JOIN json_to_recordset(${keysJson(sessions)}::text::json) AS k (project_id integer, session_id uuid)
      USING (project_id, session_id)
    WHERE NOT EXISTS (
      SELECT FROM tombstones t WHERE t.project_id = m.project_id AND t.session_id = m.session_id)`;
}

/** Whatever is remembered of the sessions' content is another one from here on: an ETag, facts made of a span. */
export async function raiseEpochs(sql: Queryable, sessions: readonly SessionKey[]): Promise<void> {
  await sql`
    UPDATE sessions_meta m SET epoch = m.epoch + 1
    FROM json_to_recordset(${keysJson(sessions)}::text::json) AS k (project_id integer, session_id uuid)
    WHERE m.project_id = k.project_id AND m.session_id = k.session_id`;
}

/** Those of the sessions of which an import or a dead letter is under way to the tables: it comes by no stream. */
export async function arrivingSessions(sql: Queryable, sessions: readonly SessionKey[]): Promise<SessionKey[]> {
  return sql<SessionKey[]>`
    SELECT k.project_id, k.session_id
    FROM json_to_recordset(${keysJson(sessions)}::text::json) AS k (project_id integer, session_id uuid)
    WHERE EXISTS (
        SELECT FROM imports i JOIN imported_batches b ON b.import_id = i.id
        WHERE i.project_id = k.project_id AND i.session_id = k.session_id)
      OR EXISTS (
        SELECT FROM dead_letters d
        WHERE d.project_id = k.project_id AND d.session_id = k.session_id AND d.redrive_at IS NOT NULL)`;
}

/** Whether any import or dead letter of the project is under way so: it may have read older rules. */
export async function isAnyArriving(sql: Queryable, projectId: number): Promise<boolean> {
  const [row] = await sql<[{ arriving: boolean }]>`
    SELECT EXISTS (
        SELECT FROM imports i JOIN imported_batches b ON b.import_id = i.id WHERE i.project_id = ${projectId})
      OR EXISTS (SELECT FROM dead_letters WHERE project_id = ${projectId} AND redrive_at IS NOT NULL) AS arriving`;
  return row.arriving;
}

/**
 * At the begin of a pass: how many sessions have rows of older rules, and where the stream stands if that is not known of
 * this stream and these rules.
 *
 * @param rules version by which the pass goes, read before `place`: what is published after it is made by no older ones
 * @returns whether all that may have read older rules was settled by then
 */
export async function noteToRedact(
  sql: Queryable,
  projectId: number,
  sessions: number,
  rules: number,
  { made, last_seq, settled_seq }: StreamPlace,
): Promise<boolean> {
  const noted = await sql<{ is_settled: boolean }[]>`
    UPDATE redactions SET
      sessions_total = greatest(coalesce(sessions_total, 0), sessions_done + ${sessions}::integer),
      stream_seq = CASE WHEN stream_made IS DISTINCT FROM ${made} OR stream_rules IS DISTINCT FROM ${rules}
        THEN ${last_seq} ELSE stream_seq END,
      stream_made = ${made}, stream_rules = ${rules}
    WHERE project_id = ${projectId} AND done_at IS NULL
    RETURNING stream_seq <= ${settled_seq} AS is_settled`;
  return noted.every(({ is_settled }) => is_settled);
}

export interface RedactionProgress {
  sessions: number;
  events_changed: number;
  found: Record<string, number>;
  removed: Record<string, number>;
}

export async function noteRedacted(sql: Queryable, projectId: number, progress: RedactionProgress): Promise<void> {
  const { sessions, events_changed, found, removed } = progress;
  await sql`
    UPDATE redactions SET
      sessions_done = least(sessions_done + ${sessions}::integer, sessions_total),
      events_changed = events_changed + ${events_changed}::bigint,
      found = ${summed(sql, "found", found)},
      removed = ${summed(sql, "removed", removed)}
    WHERE project_id = ${projectId} AND done_at IS NULL`;
}

/**
 * After a pass that found nothing: done, if all that may have been under way when the intent was noted was settled before
 * the pass began.
 */
export async function settleRedactions(
  sql: Queryable,
  projectId: number,
  { made, settled_seq }: StreamPlace,
): Promise<void> {
  await sql`
    UPDATE redactions SET done_at = now(), passed_at = now(), sessions_done = coalesce(sessions_total, 0)
    WHERE project_id = ${projectId} AND done_at IS NULL AND stream_made = ${made} AND stream_seq <= ${settled_seq}`;
}

/** The counts of a column with more added to them, name by name. */
function summed(sql: Queryable, column: "found" | "removed", more: Record<string, number>) {
  return sql`(
    SELECT coalesce(jsonb_object_agg(name, n), '{}') FROM (
      SELECT name, sum(n::bigint) AS n
      FROM (SELECT * FROM jsonb_each_text(${sql(column)}) UNION ALL SELECT * FROM jsonb_each_text(${sql.json(more)}))
        AS one (name, n)
      GROUP BY name) AS summed)`;
}
