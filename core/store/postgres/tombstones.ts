/** `tombstones`: written by the API (and by the worker, for a person's sessions that come late), carried out by the sweep. */
import type { SessionKey } from "../clickhouse/batches.ts";
import type { Queryable, Sql } from "./client.ts";
import { keysJson } from "./sessions-meta.ts";
import { postgresJson } from "./text.ts";

/** What an arrived batch says of whose it is. */
export interface Bearer extends SessionKey {
  user_id: string | null;
  received_at: number;
}

/** @returns those of the sessions that are deleted; a deleted person's are from here on */
export async function deletedSessions(sql: Sql, bearers: readonly Bearer[]): Promise<SessionKey[]> {
  if (bearers.length === 0) return [];
  const rows = postgresJson(
    bearers.map((bearer) => ({ ...bearer, received_at: new Date(bearer.received_at).toISOString() })),
  );
  await sql`
    INSERT INTO tombstones (project_id, session_id, cause, requested_by)
    SELECT DISTINCT ON (b.project_id, b.session_id) b.project_id, b.session_id, t.id, t.requested_by
    FROM json_to_recordset(${rows}::text::json)
      AS b (project_id integer, session_id uuid, user_id text, received_at timestamptz)
    JOIN tombstones t ON t.project_id = b.project_id AND t.user_id = b.user_id AND b.received_at < t.before
    ORDER BY b.project_id, b.session_id, t.before DESC
    ON CONFLICT DO NOTHING`;
  return sql<SessionKey[]>`
    SELECT DISTINCT t.project_id, t.session_id
    FROM json_to_recordset(${rows}::text::json) AS b (project_id integer, session_id uuid)
    JOIN tombstones t USING (project_id, session_id)`;
}

/** Rows of these deleted sessions have just been inserted: whatever was found of them before, they are looked for again. */
export async function reopenTombstones(sql: Queryable, sessions: readonly SessionKey[]): Promise<void> {
  await sql`
    UPDATE tombstones t SET done_at = NULL, passed_at = NULL, stream_made = NULL, stream_seq = NULL
    FROM json_to_recordset(${keysJson(sessions)}::text::json) AS k (project_id integer, session_id uuid)
    WHERE t.project_id = k.project_id AND t.session_id = k.session_id`;
}

/** Where the stream stands. */
export interface StreamPlace {
  /** When this stream was made: sequences of another making say nothing of it. */
  made: Date;
  last_seq: number;
  /** All up to this is loaded, a dead letter, or refused for a tombstone. */
  settled_seq: number;
}

export interface PendingTombstone extends SessionKey {
  id: string;
  /** An import or a dead letter of it is under way, and comes by no stream. */
  is_arriving: boolean;
}

export interface PendingPerson {
  id: string;
  project_id: number;
  user_id: string;
}

export async function pendingPersons(sql: Queryable, limit: number): Promise<PendingPerson[]> {
  return sql<PendingPerson[]>`
    SELECT id, project_id, user_id FROM tombstones
    WHERE done_at IS NULL AND user_id IS NOT NULL ORDER BY requested_at LIMIT ${limit}`;
}

/**
 * Of these sessions, which show the person, deletes those that were begun before the person was deleted: their batches
 * had passed the tombstone by when it was written, and were looked for in vain when it was asked for.
 */
export async function buryLate(sql: Queryable, { id }: PendingPerson, sessionIds: readonly string[]): Promise<void> {
  await sql`
    INSERT INTO tombstones (project_id, session_id, cause, requested_by)
    SELECT m.project_id, m.session_id, p.id, p.requested_by
    FROM tombstones p JOIN sessions_meta m ON m.project_id = p.project_id AND m.first_received_at < p.before
    WHERE p.id = ${id} AND m.session_id = ANY (${[...sessionIds]}::uuid[])
    ON CONFLICT DO NOTHING`;
}

/** After their first pass: notes for each where the stream stands, if that is not known of this stream. */
export async function placeTombstones(
  sql: Queryable,
  swept: readonly { id: string }[],
  { made, last_seq }: StreamPlace,
): Promise<void> {
  await sql`
    UPDATE tombstones SET stream_made = ${made}, stream_seq = ${last_seq}
    WHERE id = ANY (${swept.map(({ id }) => id)}::uuid[]) AND done_at IS NULL AND stream_made IS DISTINCT FROM ${made}`;
}

/** Whether the sweep has something to carry out at once. */
export async function isPending(sql: Queryable): Promise<boolean> {
  const [row] = await sql<[{ pending: boolean }]>`
    SELECT EXISTS (SELECT FROM tombstones WHERE done_at IS NULL)
      OR EXISTS (SELECT FROM redactions WHERE done_at IS NULL) AS pending`;
  return row.pending;
}

/** Those that no sweep has seen come first: others may have to wait long for the stream, and must not be in their way. */
export async function pendingSessions(sql: Queryable, limit: number): Promise<PendingTombstone[]> {
  return sql<PendingTombstone[]>`
    SELECT id, project_id, session_id,
      EXISTS (
        SELECT FROM imports i JOIN imported_batches b ON b.import_id = i.id
        WHERE i.project_id = t.project_id AND i.session_id = t.session_id)
      OR EXISTS (
        SELECT FROM dead_letters d
        WHERE d.project_id = t.project_id AND d.session_id = t.session_id AND d.redrive_at IS NOT NULL) AS is_arriving
    FROM tombstones t
    WHERE done_at IS NULL AND session_id IS NOT NULL
    ORDER BY stream_made IS NOT NULL, requested_at LIMIT ${limit}`;
}

/**
 * Takes away what Postgres holds of the sessions, but for dead letters that are driven again: each is the sign that its
 * batch may still be loaded, and goes when its drive ends. @returns dead letters that went, by session
 */
export async function removeFromPostgres(sql: Queryable, sessions: readonly SessionKey[]): Promise<SessionKey[]> {
  const keys = postgresJson(sessions.map(({ project_id, session_id }) => ({ project_id, session_id })));
  await sql`
    DELETE FROM sessions_meta m USING json_to_recordset(${keys}::text::json) AS k (project_id integer, session_id uuid)
    WHERE m.project_id = k.project_id AND m.session_id = k.session_id`;
  return sql<SessionKey[]>`
    DELETE FROM dead_letters d USING json_to_recordset(${keys}::text::json) AS k (project_id integer, session_id uuid)
    WHERE d.project_id = k.project_id AND d.session_id = k.session_id AND d.redrive_at IS NULL
    RETURNING d.project_id, d.session_id`;
}

export interface Removal {
  id: string;
  /** Rows, by table; none where nothing was found. */
  removed: Record<string, number>;
  /** Batches of it were under way, beside the stream, when the sweep began. */
  isArriving: boolean;
}

/**
 * Adds up what a sweep found. A tombstone is done when nothing was found, and all that may have been under way at its time
 * was settled before the sweep began.
 */
export async function noteRemovals(sql: Queryable, removals: readonly Removal[], place: StreamPlace): Promise<void> {
  for (const { id, removed, isArriving } of removals) {
    const found = Object.keys(removed).length > 0;
    await sql`
      UPDATE tombstones SET
        removed = (
          SELECT coalesce(jsonb_object_agg(name, rows), '{}') FROM (
            SELECT name, sum(rows::bigint) AS rows
            FROM (SELECT * FROM jsonb_each_text(removed) UNION ALL SELECT * FROM jsonb_each_text(${sql.json(removed)}))
              AS one (name, rows)
            GROUP BY name) AS summed),
        passed_at = CASE WHEN NOT ${isArriving} AND stream_made = ${place.made} AND stream_seq <= ${place.settled_seq}
          THEN coalesce(passed_at, now()) END,
        done_at = CASE WHEN NOT ${found} AND NOT ${isArriving} AND stream_made = ${place.made} AND stream_seq <= ${place.settled_seq}
          THEN now() END
      WHERE id = ${id}`;
  }
}

/** A person is gone when each session is, and none was under way any more when they were looked for. */
export async function notePersons(sql: Queryable, { made, settled_seq }: StreamPlace): Promise<void> {
  await sql`
    UPDATE tombstones p SET done_at = now(), passed_at = now()
    WHERE p.user_id IS NOT NULL AND p.done_at IS NULL AND p.stream_made = ${made} AND p.stream_seq <= ${settled_seq}
      AND NOT EXISTS (SELECT FROM tombstones s WHERE s.cause = p.id AND s.done_at IS NULL)`;
}
