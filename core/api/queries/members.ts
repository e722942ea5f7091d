/** Who belongs to a project, and as what. */
import { z } from "@hono/zod-openapi";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate, storableText } from "../parameters.ts";
import { Refusal } from "../refusal.ts";
import { type AuditActor, recordAudit } from "./audit.ts";
import { ROLES, type Role } from "./projects.ts";

export const Member = z
  .object({
    id: z.uuid().openapi({ description: "the person's" }),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    by_sso: z.boolean().openapi({ description: "single sign-on gave the role, and changes it" }),
    joined_at: z.iso.datetime(),
  })
  .openapi("Member");
export type Member = z.infer<typeof Member>;

const Row = Member.extend({ joined_at: isoDate });

/** Where a page of them ended: an e-mail address, which one of them has. */
export const MemberCursor = z.tuple([storableText.max(254)]);
type MemberCursor = z.infer<typeof MemberCursor>;

/** By e-mail address. */
export async function membersOf(
  sql: Sql,
  projectId: number,
  { limit, cursor }: { limit: number; cursor?: MemberCursor | undefined },
): Promise<{ members: Member[]; last: MemberCursor | null }> {
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)} FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.project_id = ${projectId} ${cursor ? sql`AND u.email > ${cursor[0]}` : sql``}
    ORDER BY u.email LIMIT ${limit + 1}`);
  const members = z.array(Row).parse(rows.slice(0, limit));
  const end = rows.length > limit ? members.at(-1) : undefined;
  return { members, last: end ? [end.email] : null };
}

/** What is to become of a member. `after` is null for one who goes. */
export interface MemberChange {
  before: Role;
  after: Role | null;
}

/**
 * Gives a member another role, or none.
 * @param allow throws where the caller, by the role that they have at this moment, may not do that
 * @returns the member afterwards, or as they were; null where nobody with that id belongs to the project
 * @throws Refusal `conflict` where nobody would own the project
 */
export async function changeMember(
  sql: Sql,
  { projectId, memberId, after }: { projectId: number; memberId: string; after: Role | null },
  actor: AuditActor,
  allow: (callerRole: Role, change: MemberChange) => void,
): Promise<Member | null> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      // One change at a time: two owners who leave at once must not both be told that another one stays.
      await transaction`SELECT FROM projects WHERE id = ${projectId} FOR UPDATE`;
      const caller = await oneMember(transaction, projectId, actor.id);
      if (!caller) throw new Refusal("not_found");
      const member = await oneMember(transaction, projectId, memberId);
      allow(caller.role, { before: member?.role ?? "viewer", after });
      if (!member) return null;
      if (member.role === "owner" && after !== "owner") await keepAnOwner(transaction, projectId, memberId);
      const place = transaction`project_id = ${projectId} AND user_id = ${memberId}`;
      if (after === null) await transaction`DELETE FROM memberships WHERE ${place}`;
      else await transaction`UPDATE memberships SET role = ${after}, by_oidc = false WHERE ${place}`;
      await recordAudit(transaction, actor, {
        projectId,
        action: after ? "member.role_changed" : memberId === actor.id ? "member.left" : "member.removed",
        target: memberId,
        detail: { email: member.email, from: member.role, ...(after && { to: after }) },
      });
      return after ? { ...member, role: after, by_sso: false } : member;
    }),
  );
}

async function keepAnOwner(sql: Queryable, projectId: number, exceptId: string): Promise<void> {
  const others = await sql`
    SELECT FROM memberships WHERE project_id = ${projectId} AND role = 'owner' AND user_id <> ${exceptId} LIMIT 1`;
  if (others.length === 0) {
    throw new Refusal("conflict", { detail: "the last owner stays one: make somebody else an owner first" });
  }
}

async function oneMember(sql: Queryable, projectId: number, userId: string): Promise<Member | null> {
  const [row] = await sql`
    SELECT ${columns(sql)} FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.project_id = ${projectId} AND m.user_id = ${userId}`;
  return row ? Row.parse(row) : null;
}

function columns(sql: Queryable) {
  return sql`u.id, u.email, u.name, m.role, m.by_oidc AS by_sso, m.created_at AS joined_at`;
}
