/** `redaction_rules`: written by the API, a version a change; read by the worker for each lot. */
import type { Queryable } from "./client.ts";

/** Of a project that has never changed its rules. */
export const FIRST_RULES_VERSION = 1;

export interface StoredRules {
  version: number;
  /** As they were written, by whichever release; null where they are the defaults. */
  rules: unknown;
}

/** The rules that hold now, by project. */
export async function currentRules(
  sql: Queryable,
  projectIds: readonly number[],
): Promise<ReadonlyMap<number, StoredRules>> {
  const rows = await sql<(StoredRules & { project_id: number })[]>`
    SELECT DISTINCT ON (project_id) project_id, version, rules FROM redaction_rules
    WHERE project_id = ANY (${[...projectIds]}::integer[]) ORDER BY project_id, version DESC`;
  const first = projectIds.map((id): [number, StoredRules] => [id, { version: FIRST_RULES_VERSION, rules: null }]);
  return new Map([...first, ...rows.map(({ project_id, ...row }): [number, StoredRules] => [project_id, row])]);
}
