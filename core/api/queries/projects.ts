import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";

export const ROLES = ["owner", "admin", "member", "viewer"] as const;

export const Project = z
  .object({
    id: z.int(),
    name: z.string(),
    role: z.enum([...ROLES, "read_key"]).openapi({ description: "what the caller is here" }),
    retention_days: z.int(),
    allowed_origins: z.array(z.string()),
    jurisdiction: z.string(),
    created_at: z.iso.datetime(),
  })
  .openapi("Project");
export type Project = z.infer<typeof Project>;

const ProjectRow = Project.extend({ created_at: z.date().transform((date) => date.toISOString()) });

/** A person's projects by id; with `projectId`, that one or none. */
export async function projectsOfPerson(sql: Sql, userId: string, projectId?: number): Promise<Project[]> {
  const only = projectId === undefined ? sql`` : sql`AND p.id = ${projectId}`;
  const rows = await askPostgres(sql`
    SELECT p.id, p.name, m.role, p.retention_days, p.allowed_origins, p.jurisdiction, p.created_at
    FROM memberships m JOIN projects p ON p.id = m.project_id
    WHERE m.user_id = ${userId} ${only}
    ORDER BY p.id`);
  return z.array(ProjectRow).parse(rows);
}

/** The one project that a read key opens. */
export async function projectOfKey(sql: Sql, projectId: number): Promise<Project | null> {
  const rows = await askPostgres(sql`
    SELECT id, name, 'read_key' AS role, retention_days, allowed_origins, jurisdiction, created_at
    FROM projects WHERE id = ${projectId}`);
  return rows[0] ? ProjectRow.parse(rows[0]) : null;
}

const Quotas = z.object({ sessions: z.number().nullable(), bytes: z.number().nullable() });
export type Quotas = z.infer<typeof Quotas>;

/** What a project may use in a month; null for no limit. */
export async function quotasOf(sql: Sql, projectId: number): Promise<Quotas> {
  const [row] = await askPostgres(sql`
    SELECT quota_sessions_per_month::float8 AS sessions, quota_bytes_per_month::float8 AS bytes
    FROM projects WHERE id = ${projectId}`);
  return Quotas.parse(row);
}
