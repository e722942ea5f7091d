/** Who a person of the identity provider is here, and what they may do. */
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import type { OidcPerson } from "../auth/oidc.ts";
import { createPerson, Person, personByEmail } from "../auth/person.ts";
import { endSessions } from "../auth/session.ts";
import { askPostgres } from "../engines/answer.ts";
import type { OidcRole } from "../settings.ts";
import { recordAudit } from "./audit.ts";
import { ROLES } from "./projects.ts";

const PROVIDER = "oidc";

/**
 * Finds the person, or makes them; then gives the roles that the provider's groups stand for, and takes away the others.
 * @returns null where the address is that of another person of the provider: it was given to somebody new
 */
export async function admitOidcPerson(sql: Sql, said: OidcPerson, roles: readonly OidcRole[]): Promise<Person | null> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      // Two first sign-ins of one person at once would both find nobody.
      await transaction`SELECT pg_advisory_xact_lock(hashtextextended(${`oidc ${said.email}`}, 0))`;
      const person = (await known(transaction, said)) ?? (await join(transaction, said));
      if (person) await giveRoles(transaction, person, said.groups, roles);
      return person;
    }),
  );
}

async function known(sql: Queryable, { subject }: OidcPerson): Promise<Person | null> {
  const [row] = await sql`
    SELECT u.id, u.email, u.name FROM auth_accounts a JOIN users u ON u.id = a.user_id
    WHERE a.provider_id = ${PROVIDER} AND a.account_id = ${subject}`;
  return row ? Person.parse(row) : null;
}

/** The provider vouches for the address, so its account is whoever has that address here. */
async function join(sql: Queryable, { subject, email, name }: OidcPerson): Promise<Person | null> {
  const existing = await personByEmail(sql, email);
  if (existing && (await isOfProvider(sql, existing))) return null;
  if (existing) await verifyAddress(sql, existing);
  const person = existing ?? (await createPerson(sql, { email, name, passwordHash: null, isEmailVerified: true }));
  await sql`
    INSERT INTO auth_accounts (user_id, provider_id, account_id, updated_at)
    VALUES (${person.id}, ${PROVIDER}, ${subject}, now())`;
  return person;
}

async function isOfProvider(sql: Queryable, { id }: Person): Promise<boolean> {
  return (await sql`SELECT FROM auth_accounts WHERE user_id = ${id} AND provider_id = ${PROVIDER}`).length > 0;
}

/** An account whose address nobody had verified may be of somebody who was quicker: their password and sessions end. */
async function verifyAddress(sql: Queryable, { id }: Person): Promise<void> {
  const verified = await sql`
    UPDATE users SET email_verified = true, updated_at = now() WHERE id = ${id} AND NOT email_verified RETURNING id`;
  if (verified.length === 0) return;
  await sql`DELETE FROM auth_accounts WHERE user_id = ${id} AND provider_id = 'credential'`;
  await endSessions(sql, id);
}

/** What a person was given by hand stays as it is. */
async function giveRoles(
  sql: Queryable,
  person: Person,
  groups: readonly string[],
  rules: readonly OidcRole[],
): Promise<void> {
  const given = new Map<number, OidcRole["role"]>();
  for (const { claim, projectId, role } of rules) {
    if (claim !== null && !groups.includes(claim)) continue;
    const before = given.get(projectId);
    if (before === undefined || ROLES.indexOf(role) < ROLES.indexOf(before)) given.set(projectId, role);
  }
  const actor = { kind: "person", id: person.id, name: person.email } as const;
  for (const [projectId, role] of given) {
    const changed = await sql<{ is_new: boolean }[]>`
      INSERT INTO memberships AS m (project_id, user_id, role, by_oidc)
      SELECT id, ${person.id}, ${role}, true FROM projects WHERE id = ${projectId}
      ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role WHERE m.by_oidc AND m.role <> excluded.role
      RETURNING xmax = 0 AS is_new`;
    const [change] = changed;
    if (!change) continue;
    const action = change.is_new ? "member.joined" : "member.role_changed";
    await recordAudit(sql, actor, { projectId, action, target: person.id, detail: { role, by: "sso" } });
  }
  const lost = await sql<{ project_id: number }[]>`
    DELETE FROM memberships WHERE user_id = ${person.id} AND by_oidc AND NOT project_id = ANY (${[...given.keys()]}::int[])
    RETURNING project_id`;
  for (const { project_id } of lost) {
    const detail = { email: person.email, by: "sso" };
    await recordAudit(sql, actor, { projectId: project_id, action: "member.removed", target: person.id, detail });
  }
}
