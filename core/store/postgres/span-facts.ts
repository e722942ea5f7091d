/** What of `sessions_meta` says whether a session's span facts are those of what is loaded, and whose turn it is to make them. */
import type { SessionKey } from "../clickhouse/batches.ts";
import type { Queryable, Sql } from "./client.ts";
import { type Claim, keysJson } from "./sessions-meta.ts";
import { inTransaction } from "./transaction.ts";

/** A session to be made anew, held by one worker for `HELD_S` or longer. */
export interface DueSession extends SessionKey, Claim {
  epoch: number;
  batch_count: number;
  /** Of this making; greater than that of any before. */
  generation: number;
}

/** A making that takes longer is given to another worker, and what the first one writes is replaced. */
const HELD_S = 600;
/** Longer, the more often it was made, where the making before never ended: it may be what kills workers. */
const HELD_S_MAX = 86_400;

/**
 * A session that goes on is made anew when it has grown by a fifth, or pauses for so many times as long as any other: all
 * its makings together then cost some five times the last one, however long it is.
 */
const GROWTH = 1.2;
const PAUSE_TIMES = 6;

/** The greatest that fits beside the version of the redaction rules in a row's version. */
const GENERATION_MAX = 65_535;

/**
 * Takes the session that has waited longest, and counts its generation up.
 *
 * @param quietMs how long no batch must have come for it
 * @param rules of the code that asks: what other code made is due, when nothing else is
 */
export async function takeDueSession(sql: Sql, rules: number, quietMs: number): Promise<DueSession | null> {
  const quiet = sql`m.updated_at <= now() - ${quietMs} * interval '1 millisecond'
    AND (m.spans_held_until IS NULL OR m.spans_held_until < now()) AND m.spans_generation < ${GENERATION_MAX}`;
  const isOver = sql`(m.complete OR coalesce(m.incomplete_why, 'open') <> 'open')`;
  const changed = sql`m.batch_count > 0 AND (m.epoch <> m.spans_epoch OR m.batch_count <> m.spans_batch_count
      AND (m.batch_count >= m.spans_batch_count * ${GROWTH}::float8 OR ${isOver}
        OR m.updated_at <= now() - ${quietMs * PAUSE_TIMES} * interval '1 millisecond'))`;
  const outdated = sql`m.batch_count > 0 AND m.spans_rules < ${rules}`;
  for (const [due, order] of [
    [changed, sql`m.updated_at`],
    [outdated, sql`m.spans_rules`],
  ] as const) {
    const [taken] = await sql<DueSession[]>`
      UPDATE sessions_meta s SET
        spans_generation = s.spans_generation + 1,
        spans_held_until = now() + interval '1 second' * CASE WHEN s.spans_held_until IS NULL THEN ${HELD_S}::int
          ELSE least(${HELD_S}::float8 * (s.spans_generation + 1) ^ 2, ${HELD_S_MAX}::int) END
      FROM (
        SELECT m.project_id, m.session_id FROM sessions_meta m WHERE ${due} AND ${quiet}
        ORDER BY ${order} LIMIT 1 FOR UPDATE SKIP LOCKED) d
      WHERE s.project_id = d.project_id AND s.session_id = d.session_id
      RETURNING s.project_id, s.session_id, s.epoch, s.batch_count, s.spans_generation AS generation,
        (extract(epoch FROM s.first_received_at) * 1000)::float8 AS first_received_at,
        s.clock_offset_ms::float8 AS clock_offset_ms`;
    if (taken) return taken;
  }
  return null;
}

/** What lists show of them. */
export interface SpanCounts {
  active_ms: number;
  rage_click_count: number;
  dead_click_count: number;
}

/**
 * Writes a making's rows while nothing else is done with the session: not if another making has begun, and never once
 * the session is deleted. The sweep waits for it (spanWritersDone), so no row comes after it has looked.
 *
 * @param write of the rows; where it fails nothing is noted and the session stays due
 * @returns whether it was written
 */
export async function writeMaking(
  sql: Sql,
  due: DueSession,
  rules: number,
  write: () => Promise<SpanCounts>,
): Promise<boolean> {
  const { project_id, session_id, epoch, batch_count, generation } = due;
  return inTransaction(sql, async (transaction) => {
    await transaction`SET LOCAL idle_in_transaction_session_timeout = '120s'`;
    const held = await transaction`
      SELECT FROM sessions_meta m
      WHERE project_id = ${project_id} AND session_id = ${session_id} AND spans_generation = ${generation} FOR UPDATE`;
    if (held.length === 0) return false;
    const deleted = await transaction`
      SELECT FROM tombstones WHERE project_id = ${project_id} AND session_id = ${session_id}`;
    if (deleted.length > 0) return false;
    const { active_ms, rage_click_count, dead_click_count } = await write();
    await transaction`
      UPDATE sessions_meta SET
        spans_epoch = ${epoch}, spans_batch_count = ${batch_count}, spans_rules = ${rules}, spans_held_until = NULL,
        active_ms = ${active_ms}, rage_click_count = ${rage_click_count}, dead_click_count = ${dead_click_count}
      WHERE project_id = ${project_id} AND session_id = ${session_id}`;
    return true;
  });
}

/** Gives a session back that was not made, to be tried again after a while. */
export async function giveBack(
  sql: Sql,
  { project_id, session_id, generation }: DueSession,
  afterMs: number,
): Promise<void> {
  await sql`
    UPDATE sessions_meta SET spans_held_until = now() + ${afterMs} * interval '1 millisecond'
    WHERE project_id = ${project_id} AND session_id = ${session_id} AND spans_generation = ${generation}`;
}

/** Resolves when nobody writes span facts of these sessions any more: whoever comes now meets their tombstones. */
export async function spanWritersDone(sql: Queryable, sessions: readonly SessionKey[]): Promise<void> {
  await sql`
    SELECT FROM sessions_meta m
    JOIN json_to_recordset(${keysJson(sessions)}::text::json) AS k (project_id integer, session_id uuid)
      USING (project_id, session_id)
    ORDER BY m.project_id, m.session_id FOR UPDATE OF m`;
}
