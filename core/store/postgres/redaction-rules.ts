/** `redaction_rules`: written by the API, a version a change; read by the worker for each lot. */
import type { Queryable } from "./client.ts";

export interface StoredRules {
  version: number;
  /** As they were written, by whichever release; null where they are the defaults. */
  rules: unknown;
}

/** Of a project that has never changed its rules. */
const FIRST: StoredRules = { version: 1, rules: null };

/** The rules that hold now, of one project. */
export async function rulesNow(sql: Queryable, projectId: number): Promise<StoredRules> {
  return (await currentRules(sql, [projectId])).get(projectId) ?? FIRST;
}

/** The rules that hold now, by project: each has some. */
export async function currentRules(
  sql: Queryable,
  projectIds: readonly number[],
): Promise<ReadonlyMap<number, StoredRules>> {
  const rows = await sql<(StoredRules & { project_id: number })[]>`
    SELECT DISTINCT ON (project_id) project_id, version, rules FROM redaction_rules
    WHERE project_id = ANY (${[...projectIds]}::integer[]) ORDER BY project_id, version DESC`;
  const first = projectIds.map((id): [number, StoredRules] => [id, FIRST]);
  return new Map([...first, ...rows.map(({ project_id, ...row }): [number, StoredRules] => [project_id, row])]);
}
