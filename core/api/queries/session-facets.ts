import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import type { ReadProject } from "./projects.ts";
import type { SessionFilters } from "./session-filters.ts";
import { inOrder } from "./session-order.ts";
import { isListed } from "./sessions.ts";

const FacetValue = z.object({ value: z.string(), sessions: z.int() });
const values = z.array(FacetValue);

/** Each kind's values, by the number of sessions that have them. */
export const Facets = z
  .object({
    browser: values,
    os: values,
    device: values,
    country: values,
    release: values,
    path: values.openapi({ description: "visited" }),
  })
  .openapi("SessionFacets");
type Facets = z.infer<typeof Facets>;

const KINDS = Facets.keyof().options;
const FacetRow = FacetValue.extend({ kind: z.enum([...KINDS, "all"]) });

/** The values that most of a list's newest sessions have, and how many those sessions are. */
export async function facetsOf(
  sql: Sql,
  project: ReadProject,
  filters: SessionFilters,
  { most, values, among }: { most: number; values: number; among?: readonly string[] | undefined },
): Promise<{ sessions: number; facets: Facets }> {
  const rows = await askPostgres(
    sql`
      WITH found AS MATERIALIZED (
        SELECT browser, os, device, country, release, paths FROM sessions_meta
        WHERE ${isListed(sql, project, filters, among)}
        ORDER BY ${inOrder(sql, "newest")} LIMIT ${most}
      )
      SELECT kind, value, sessions FROM (
        SELECT kind, value, count(*)::int AS sessions,
          row_number() OVER (PARTITION BY kind ORDER BY count(*) DESC, value) AS place
        FROM found CROSS JOIN LATERAL (
          VALUES ('browser', browser), ('os', os), ('device', device), ('country', country), ('release', release)
          UNION ALL SELECT 'path', path FROM unnest(paths) AS path
        ) AS has (kind, value)
        WHERE value IS NOT NULL GROUP BY kind, value
      ) AS counted
      WHERE place <= ${values}
      UNION ALL SELECT 'all', '', count(*)::int FROM found
      ORDER BY kind, sessions DESC, value`,
    QUERY_MS,
  );
  const byKind = Map.groupBy(z.array(FacetRow).parse(rows), ({ kind }) => kind);
  return {
    sessions: byKind.get("all")?.[0]?.sessions ?? 0,
    facets: Facets.parse(Object.fromEntries(KINDS.map((kind) => [kind, byKind.get(kind) ?? []]))),
  };
}
