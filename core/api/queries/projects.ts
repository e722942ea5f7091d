import { z } from "@hono/zod-openapi";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import type { Person } from "../auth/person.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate, prose } from "../parameters.ts";
import { type AuditActor, recordAudit } from "./audit.ts";

export const ROLES = ["owner", "admin", "member", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export const ProjectName = prose(100)
  .refine((name) => name.isWellFormed(), "half of a character")
  .openapi({ example: "Demo shop" });

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

/** What a query of sessions knows of their project: those that have lived longer than it keeps them are not there. */
export type ReadProject = Pick<Project, "id" | "retention_days">;

const ProjectRow = Project.extend({ created_at: isoDate });

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

/** Makes a project that the person owns. */
export async function createProject(sql: Sql, name: string, owner: PersonOfProject): Promise<Project> {
  const id = await askPostgres(inTransaction(sql, (transaction) => insertProject(transaction, name, owner)));
  const [project] = await projectsOfPerson(sql, owner.id, id);
  if (!project) throw new Error("the project that was just made is not there");
  return project;
}

/** @returns its id */
export async function insertProject(sql: Queryable, name: string, owner: PersonOfProject): Promise<number> {
  const [{ id }] = await sql<[{ id: number }]>`INSERT INTO projects (name) VALUES (${name}) RETURNING id`;
  await sql`INSERT INTO memberships (project_id, user_id, role) VALUES (${id}, ${owner.id}, 'owner')`;
  const actor = { kind: "person", id: owner.id, name: owner.email } as const;
  await recordAudit(sql, actor, { projectId: id, action: "project.created", detail: { name } });
  return id;
}

export async function renameProject(sql: Sql, project: Project, name: string, actor: AuditActor): Promise<void> {
  await askPostgres(
    inTransaction(sql, async (transaction) => {
      await transaction`UPDATE projects SET name = ${name} WHERE id = ${project.id}`;
      const detail = { from: project.name, to: name };
      await recordAudit(transaction, actor, { projectId: project.id, action: "project.renamed", detail });
    }),
  );
}

type PersonOfProject = Pick<Person, "id" | "email">;

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
