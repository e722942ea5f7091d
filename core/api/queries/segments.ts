/** Saved segments: filters of session lists under a name. */
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { Colleague } from "../auth/person.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate, prose } from "../parameters.ts";
import { filtersOnly } from "./session-filters.ts";

/** Of a project. */
export const SEGMENTS_MAX = 500;

const parameter = z.string().refine((value) => value.isWellFormed(), "text without halves of characters");

/** Filters as they stand in the address of a list: kept so, and understood anew by each list. */
const SavedFilters = z
  .record(z.string(), z.union([parameter, z.array(parameter)]))
  .superRefine((filters, context) => {
    for (const { path, message } of filtersOnly.safeParse(filters).error?.issues ?? []) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  })
  .openapi({
    description: "parameters of `GET …/sessions`, without `sort`, `limit` and `cursor`",
    example: { event: "bought", property: ["total:gte:100"], country: "DE" },
  });

export const SegmentBody = z.strictObject({
  name: prose(100).openapi({ example: "Buyers in Germany" }),
  filters: SavedFilters,
});
export type SegmentBody = z.infer<typeof SegmentBody>;

const instant = z.iso.datetime();

export const Segment = z
  .object({
    segment_id: z.string(),
    name: z.string(),
    filters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    created_by: Colleague.nullable().openapi({ description: "null once that person is gone" }),
    created_at: instant,
    updated_at: instant,
  })
  .openapi("Segment");
export type Segment = z.infer<typeof Segment>;

const SegmentRow = Segment.extend({ created_at: isoDate, updated_at: isoDate });

/** By name. */
export async function segmentsOf(sql: Sql, projectId: number): Promise<Segment[]> {
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)} FROM segments s LEFT JOIN users u ON u.id = s.created_by
    WHERE s.project_id = ${projectId} ORDER BY lower(s.name), s.id LIMIT ${SEGMENTS_MAX}`);
  return z.array(SegmentRow).parse(rows);
}

/** @returns null where the project has as many as it may have */
export async function createSegment(
  sql: Sql,
  projectId: number,
  { name, filters }: SegmentBody,
  personId: string,
): Promise<Segment | null> {
  const [row] = await askPostgres(sql`
    WITH s AS (
      INSERT INTO segments (project_id, name, filters, created_by)
      SELECT ${projectId}, ${name}, ${sql.json(filters)}, ${personId}
      WHERE (SELECT count(*) FROM segments WHERE project_id = ${projectId}) < ${SEGMENTS_MAX}
      RETURNING *)
    SELECT ${columns(sql)} FROM s LEFT JOIN users u ON u.id = s.created_by`);
  return row ? SegmentRow.parse(row) : null;
}

/** @returns null where the project has no such segment */
export async function replaceSegment(
  sql: Sql,
  projectId: number,
  segmentId: string,
  { name, filters }: SegmentBody,
): Promise<Segment | null> {
  const [row] = await askPostgres(sql`
    WITH s AS (
      UPDATE segments SET name = ${name}, filters = ${sql.json(filters)}, updated_at = now()
      WHERE project_id = ${projectId} AND id = ${segmentId}
      RETURNING *)
    SELECT ${columns(sql)} FROM s LEFT JOIN users u ON u.id = s.created_by`);
  return row ? SegmentRow.parse(row) : null;
}

/** @returns whether there was one */
export async function deleteSegment(sql: Sql, projectId: number, segmentId: string): Promise<boolean> {
  const { count } = await askPostgres(sql`
    DELETE FROM segments WHERE project_id = ${projectId} AND id = ${segmentId}`);
  return count > 0;
}

function columns(sql: Sql) {
  return sql`
    s.id AS segment_id, s.name, s.filters, s.created_at, s.updated_at,
    CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'name', u.name) END AS created_by`;
}
