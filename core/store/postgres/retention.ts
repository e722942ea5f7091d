/** What a project keeps, and for how long. */
import type { Queryable } from "./client.ts";

/** Claims outlive their sessions by this: a copy that comes late must find the claim, or it would be a new session. */
const CLAIM_SPARE_DAYS = 60;

/** The longest retention of any project, days; null where there is no project. */
export async function retentionLongest(sql: Queryable): Promise<number | null> {
  const [row] = await sql<[{ days: number | null }]>`SELECT max(retention_days) AS days FROM projects`;
  return row.days;
}

export interface SweptProject {
  id: number;
  retention_days: number;
  /** `YYYY-MM-DD`, by Postgres' clock: a worker whose own is wrong must not take away what is kept. */
  kept_from: string;
}

/** Those whose retention was not carried out today. */
export async function projectsToSweep(sql: Queryable): Promise<SweptProject[]> {
  return sql<SweptProject[]>`
    SELECT id, retention_days,
      to_char((now() AT TIME ZONE 'UTC') - retention_days * interval '1 day', 'YYYY-MM-DD') AS kept_from
    FROM projects
    WHERE retention_swept_on IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date ORDER BY id`;
}

export async function retentionSwept(sql: Queryable, projectId: number): Promise<void> {
  await sql`UPDATE projects SET retention_swept_on = (now() AT TIME ZONE 'UTC')::date WHERE id = ${projectId}`;
}

/** Dead letters that are older than their project keeps data, and claims that no copy will ask for any more. */
export async function expireRows(sql: Queryable, projectId: number, retentionDays: number): Promise<void> {
  await sql`
    DELETE FROM dead_letters
    WHERE project_id = ${projectId} AND created_at < now() - ${retentionDays} * interval '1 day'`;
  await sql`
    DELETE FROM sessions_meta
    WHERE project_id = ${projectId}
      AND first_received_at < now() - ${retentionDays + CLAIM_SPARE_DAYS} * interval '1 day'`;
}
