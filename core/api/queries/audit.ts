/** Who did what in a project, and who looked at whose recording. */
import { z } from "@hono/zod-openapi";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { postgresJson } from "#core/store/postgres/text.ts";
import type { Caller } from "../caller.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";

export const AUDIT_ACTIONS = [
  "project.created",
  "project.renamed",
  "settings.changed",
  "key.created",
  "key.rotated",
  "key.revoked",
  "member.joined",
  "member.role_changed",
  "member.removed",
  "member.left",
  "invitation.created",
  "invitation.revoked",
  "session.opened",
  "session.played",
  "session.deleted",
  "session.exported",
  "session.imported",
  "person.deleted",
  "person.exported",
  "share.created",
  "share.revoked",
  "share.opened",
  "sql.run",
  "redaction.applied",
  "dead_letter.read",
  "dead_letters.redriven",
  "dead_letters.dropped",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Of these an entry an hour is kept for each actor and target. */
type Hourly = "session.opened" | "session.played" | "share.opened";

export const AuditActor = z
  .object({
    kind: z.enum(["person", "key", "share"]),
    id: z.uuid(),
    name: z.string().openapi({
      description:
        "as it was then: a person's address, the first characters of a key; of a share link, that it was one",
    }),
  })
  .openapi("AuditActor");
export type AuditActor = z.infer<typeof AuditActor>;

export const AuditEntry = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    actor: AuditActor,
    action: z.string(),
    target: z.string().nullable().openapi({ description: "the id of what it was done to" }),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi("AuditEntry");
export type AuditEntry = z.infer<typeof AuditEntry>;

/** What an entry says beside who did it. Nothing in it may be a secret, or name a person who was recorded. */
export interface Audited {
  projectId: number;
  action: AuditAction;
  target?: string;
  detail?: Record<string, string | number | boolean | null | string[]>;
}

/** @param sql the transaction of the change itself, where it has one */
export async function recordAudit(
  sql: Queryable,
  actor: AuditActor,
  { projectId, action, target, detail = {} }: Audited,
): Promise<void> {
  await askPostgres(sql`
    INSERT INTO audit_log (project_id, actor_kind, actor_id, actor_name, action, target, detail)
    VALUES (${projectId}, ${actor.kind}, ${actor.id}, ${actor.name}, ${action}, ${target ?? null}, ${postgresJson(detail)}::text::jsonb)`);
}

/** As `recordAudit`, at most once an hour. */
export async function recordWatched(
  sql: Sql,
  actor: AuditActor,
  { projectId, action, target }: Audited & { action: Hourly },
): Promise<void> {
  await askPostgres(sql`
    INSERT INTO audit_log (project_id, actor_kind, actor_id, actor_name, action, target)
    VALUES (${projectId}, ${actor.kind}, ${actor.id}, ${actor.name}, ${action}, ${target ?? null})
    ON CONFLICT DO NOTHING`);
}

/** Who a caller is in the log. Whoever gets as far as to be recorded is somebody. */
export function actorOf(caller: Caller): AuditActor {
  if (caller.kind === "nobody") throw new Error("nobody has done something");
  if (caller.kind === "key") return { kind: "key", id: caller.keyId, name: caller.prefix };
  const { id, email } = caller.session.person;
  return { kind: "person", id, name: email };
}

/** Where a page ended: the entry's id. */
export const AuditCursor = z.tuple([z.string().regex(/^\d{1,18}$/)]);

export interface AuditFilters {
  actor?: string | undefined;
  action?: AuditAction | undefined;
  target?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

const Row = AuditEntry.extend({ at: isoDate });

/** Newest first. */
export async function listAudit(
  sql: Sql,
  projectId: number,
  { actor, action, target, from, to }: AuditFilters,
  { limit, cursor }: { limit: number; cursor?: z.infer<typeof AuditCursor> | undefined },
): Promise<{ entries: AuditEntry[]; last: z.infer<typeof AuditCursor> | null }> {
  const rows = await askPostgres(
    sql`
      SELECT id::text AS id, at, action, target, detail,
        json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) AS actor
      FROM audit_log
      WHERE project_id = ${projectId}
        ${cursor ? sql`AND id < ${cursor[0]}` : sql``}
        ${actor === undefined ? sql`` : sql`AND actor_id = ${actor}`}
        ${action === undefined ? sql`` : sql`AND action = ${action}`}
        ${target === undefined ? sql`` : sql`AND target = ${target}`}
        ${from === undefined ? sql`` : sql`AND at >= ${from}`}
        ${to === undefined ? sql`` : sql`AND at < ${to}`}
      ORDER BY audit_log.id DESC LIMIT ${limit + 1}`,
    QUERY_MS,
  );
  const entries = z.array(Row).parse(rows.slice(0, limit));
  const last = rows.length > limit ? entries.at(-1) : undefined;
  return { entries, last: last ? [last.id] : null };
}
