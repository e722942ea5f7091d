/** Places in projects that are kept for whoever has the link. A link's token is told once and kept as its hash. */
import { z } from "@hono/zod-openapi";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { createPerson, type NewPerson, type Person, personByEmail } from "../auth/person.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";
import { Refusal } from "../refusal.ts";
import { newSecret } from "../secret.ts";
import { secretHash } from "../secret-hash.ts";
import { type AuditActor, recordAudit } from "./audit.ts";
import { ROLES, type Role } from "./projects.ts";

const PENDING_MAX = 100;

export const Invitation = z
  .object({
    id: z.uuid(),
    email: z.string(),
    role: z.enum(ROLES),
    state: z.enum(["pending", "accepted", "revoked", "expired"]).openapi({
      description: "revoked: taken back, or by somebody who may not invite to that role any more",
    }),
    created_at: z.iso.datetime(),
    created_by: z.string().nullable().openapi({ description: "a person's address" }),
    expires_at: z.iso.datetime(),
  })
  .openapi("Invitation");
export type Invitation = z.infer<typeof Invitation>;

export const InvitationToken = z.string().min(1).max(128);

/** What the one who has the link may know of it. */
export const InvitationOffer = z
  .object({
    project: z.object({ id: z.int(), name: z.string() }),
    email: z.string(),
    role: z.enum(ROLES),
    expires_at: z.iso.datetime(),
    has_account: z.boolean().openapi({ description: "sign in with this address first, then accept" }),
  })
  .openapi("InvitationOffer");
export type InvitationOffer = z.infer<typeof InvitationOffer>;

const Row = Invitation.extend({ created_at: isoDate, expires_at: isoDate });

/** Newest first. */
export async function invitationsOf(sql: Sql, projectId: number): Promise<Invitation[]> {
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)} FROM invitations i WHERE project_id = ${projectId} ORDER BY created_at DESC, id LIMIT 200`);
  return z.array(Row).parse(rows);
}

/** @throws Refusal `conflict` where the address belongs to a member, or too many wait */
export async function invite(
  sql: Sql,
  projectId: number,
  { email, role, expiresInH }: { email: string; role: Role; expiresInH: number },
  actor: AuditActor,
): Promise<{ invitation: Invitation; token: string }> {
  const token = newSecret();
  const invitation = await askPostgres(
    inTransaction(sql, async (transaction) => {
      await transaction`SELECT FROM projects WHERE id = ${projectId} FOR UPDATE`;
      const members = await transaction`
        SELECT FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.project_id = ${projectId} AND u.email = ${email}`;
      if (members.length > 0) throw new Refusal("conflict", { detail: "this address belongs to a member already" });
      const pending =
        await transaction`SELECT FROM invitations i WHERE project_id = ${projectId} AND ${open(transaction)}`;
      if (pending.length >= PENDING_MAX) {
        throw new Refusal("conflict", { detail: `at most ${PENDING_MAX} invitations wait at a time; revoke some` });
      }
      const [made] = await transaction<[{ id: string }]>`
        INSERT INTO invitations (project_id, email, role, token_hash, created_by, expires_at)
        VALUES (${projectId}, ${email}, ${role}, ${secretHash(token)}, ${actor.id}, now() + ${expiresInH} * interval '1 hour')
        RETURNING id`;
      const detail = { email, role };
      await recordAudit(transaction, actor, { projectId, action: "invitation.created", target: made.id, detail });
      return oneInvitation(transaction, projectId, made.id);
    }),
  );
  if (!invitation) throw new Error("the invitation that was just made is not there");
  return { invitation, token };
}

/** @returns null where the project has no such invitation; one that was accepted stays accepted */
export async function revokeInvitation(
  sql: Sql,
  projectId: number,
  id: string,
  actor: AuditActor,
): Promise<Invitation | null> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      const revoked = await transaction<{ email: string }[]>`
        UPDATE invitations i SET revoked_at = now()
        WHERE project_id = ${projectId} AND id = ${id} AND ${waiting(transaction)} RETURNING email`;
      const [detail] = revoked;
      if (detail) {
        const { email } = detail;
        await recordAudit(transaction, actor, {
          projectId,
          action: "invitation.revoked",
          target: id,
          detail: { email },
        });
      }
      return oneInvitation(transaction, projectId, id);
    }),
  );
}

/** @throws Refusal `not_found`, the same for a link that never was, was used, was revoked, or is over */
export async function readOffer(sql: Sql, token: string): Promise<InvitationOffer> {
  const offer = await askPostgres(offered(sql, token, false));
  const { id: _, ...shown } = offer;
  return shown;
}

/**
 * Uses a link up: once, whoever comes at the same time.
 * @param signedIn who asks; null for somebody without an account, who becomes a person by `account`
 * @returns the person, who is a member now
 * @throws Refusal
 */
export async function acceptInvitation(
  sql: Sql,
  token: string,
  signedIn: Person | null,
  account: NewPerson | null,
): Promise<Person> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      const { id, project, email, role } = await offered(transaction, token, true);
      const person = signedIn ?? (await becomePerson(transaction, email, account));
      if (person.email !== email) {
        throw new Refusal("not_permitted", { detail: "the invitation is for another address than yours" });
      }
      await transaction`UPDATE invitations SET accepted_at = now() WHERE id = ${id}`;
      // A role that single sign-on gave makes way for the one that somebody gave by hand.
      const changed = await transaction`
        INSERT INTO memberships AS m (project_id, user_id, role) VALUES (${project.id}, ${person.id}, ${role})
        ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role, by_oidc = false WHERE m.by_oidc
        RETURNING m.role`;
      if (changed.length === 0) return person;
      await recordAudit(
        transaction,
        { kind: "person", id: person.id, name: person.email },
        { projectId: project.id, action: "member.joined", target: person.id, detail: { role, invitation: id } },
      );
      return person;
    }),
  );
}

async function becomePerson(sql: Queryable, email: string, account: NewPerson | null): Promise<Person> {
  if (await personByEmail(sql, email)) {
    throw new Refusal("not_signed_in", { detail: "this address has an account: sign in with it first" });
  }
  if (!account) throw new Refusal("not_signed_in", { detail: "send name and password, or sign in first" });
  // Whoever was given the link need not be who reads the address's mail.
  return createPerson(sql, { ...account, email, isEmailVerified: false });
}

async function offered(sql: Queryable, token: string, toAccept: boolean): Promise<InvitationOffer & { id: string }> {
  const [row] = await sql`
    SELECT i.id, i.email, i.role, i.expires_at, json_build_object('id', p.id, 'name', p.name) AS project,
      EXISTS (SELECT FROM users u WHERE u.email = i.email) AS has_account
    FROM invitations i JOIN projects p ON p.id = i.project_id
    WHERE i.token_hash = ${secretHash(token)} AND ${open(sql)} ${toAccept ? sql`FOR UPDATE OF i` : sql``}`;
  if (!row) throw new Refusal("not_found", { detail: "this invitation was used, taken back, or is too old" });
  return InvitationOffer.extend({ id: z.uuid(), expires_at: isoDate }).parse(row);
}

async function oneInvitation(sql: Queryable, projectId: number, id: string): Promise<Invitation | null> {
  const [row] = await sql`SELECT ${columns(sql)} FROM invitations i WHERE project_id = ${projectId} AND id = ${id}`;
  return row ? Row.parse(row) : null;
}

/** What a link still gives: an invitation is its author's word, and is worth no more than that is at the time. */
function open(sql: Queryable) {
  return sql`${waiting(sql)} AND ${mayBeGiven(sql)}`;
}

function waiting(sql: Queryable) {
  return sql`i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()`;
}

/** Whether its author may still invite to that role: `managersOnly` and `allowInvitation` of authorize.ts. */
function mayBeGiven(sql: Queryable) {
  return sql`EXISTS (SELECT FROM memberships m WHERE m.project_id = i.project_id AND m.user_id = i.created_by
    AND (m.role = 'owner' OR (m.role = 'admin' AND i.role <> 'owner')))`;
}

function columns(sql: Queryable) {
  return sql`
    id, email, role, created_at, expires_at,
    (SELECT u.email FROM users u WHERE u.id = i.created_by) AS created_by,
    CASE WHEN accepted_at IS NOT NULL THEN 'accepted' WHEN revoked_at IS NOT NULL THEN 'revoked'
      WHEN expires_at <= now() THEN 'expired' WHEN ${mayBeGiven(sql)} THEN 'pending' ELSE 'revoked' END AS state`;
}
