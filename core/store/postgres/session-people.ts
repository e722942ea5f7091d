/** `session_people`: whom a session's batches name. Written by the worker only, with the session's other facts. */
import type { SessionKey } from "../clickhouse/batches.ts";
import type { Queryable } from "./client.ts";
import { postgresJson } from "./text.ts";

/** Times are ms, corrected by the claim. */
export interface SessionPerson {
  user_id: string;
  email: string | null;
  first_at: number;
  last_at: number;
}

type PeopledSession = SessionKey & { epoch: number; batch_count: number; people: readonly SessionPerson[] };

/** Replaces the people of each session whose row says that these very facts are on it (`writeSessionFacts`). */
export async function writeSessionPeople(sql: Queryable, sessions: readonly PeopledSession[]): Promise<void> {
  if (sessions.length === 0) return;
  const rows = postgresJson(
    sessions.map(({ project_id, session_id, epoch, batch_count, people }) => ({
      project_id,
      session_id,
      epoch,
      batch_count,
      people: people.map((person) => ({
        ...person,
        first_at: new Date(person.first_at).toISOString(),
        last_at: new Date(person.last_at).toISOString(),
      })),
    })),
  );
  await sql`
    WITH current AS (
      SELECT f.project_id, f.session_id, f.people
      FROM json_to_recordset(${rows}::text::json)
        AS f (project_id integer, session_id uuid, epoch integer, batch_count integer, people json)
      JOIN sessions_meta m USING (project_id, session_id, epoch, batch_count)
    ), named AS (
      SELECT DISTINCT ON (c.project_id, c.session_id, p.user_id) c.project_id, c.session_id, p.*
      FROM current c CROSS JOIN LATERAL json_to_recordset(c.people)
        AS p (user_id text, email text, first_at timestamptz, last_at timestamptz)
      ORDER BY c.project_id, c.session_id, p.user_id
    ), gone AS (
      DELETE FROM session_people o USING current c
      WHERE o.project_id = c.project_id AND o.session_id = c.session_id AND NOT EXISTS (
        SELECT FROM named n
        WHERE n.project_id = o.project_id AND n.session_id = o.session_id AND n.user_id = o.user_id)
    )
    INSERT INTO session_people (project_id, session_id, user_id, email, first_at, last_at)
    SELECT project_id, session_id, user_id, email, first_at, last_at FROM named
    ON CONFLICT (project_id, session_id, user_id) DO UPDATE
      SET email = excluded.email, first_at = excluded.first_at, last_at = excluded.last_at`;
}
