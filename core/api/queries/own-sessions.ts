/** A person's own sessions and password. */
import { z } from "@hono/zod-openapi";
import { verifyPassword } from "better-auth/crypto";
import type { Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import type { NewPerson } from "../auth/person.ts";
import { endSessions, type PersonSession } from "../auth/session.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";

export const OwnSession = z
  .object({
    id: z.uuid(),
    signed_in_at: z.iso.datetime(),
    renewed_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    user_agent: z.string().nullable(),
    current: z.boolean().openapi({ description: "the one that asks" }),
  })
  .openapi("OwnSession");
export type OwnSession = z.infer<typeof OwnSession>;

const Row = OwnSession.extend({ signed_in_at: isoDate, renewed_at: isoDate, expires_at: isoDate });

/** Newest first, without those that were replaced. */
export async function sessionsOfSelf(sql: Sql, { id, person }: PersonSession): Promise<OwnSession[]> {
  const rows = await askPostgres(sql`
    SELECT id, signed_in_at, created_at AS renewed_at, expires_at, user_agent, id = ${id} AS current
    FROM auth_sessions
    WHERE user_id = ${person.id} AND expires_at > now() AND (rotated_at IS NULL OR id = ${id})
    ORDER BY created_at DESC LIMIT 200`);
  return z.array(Row).parse(rows);
}

/** @returns whether the person had it */
export async function endOwnSession(sql: Sql, personId: string, sessionId: string): Promise<boolean> {
  const rows = await askPostgres(
    sql`DELETE FROM auth_sessions WHERE user_id = ${personId} AND id = ${sessionId} RETURNING id`,
  );
  return rows.length > 0;
}

/** Whether it is the person's; null for somebody who has none and signs in elsewhere. */
export async function isPasswordOf(sql: Sql, personId: string, password: string): Promise<boolean | null> {
  const [row] = await askPostgres(sql<{ password: string | null }[]>`
    SELECT password FROM auth_accounts WHERE user_id = ${personId} AND provider_id = 'credential'`);
  return row?.password ? verifyPassword({ hash: row.password, password }) : null;
}

/** Ends the person's other sessions: whoever knew the old password is out. */
export async function changePassword(
  sql: Sql,
  { id, person }: PersonSession,
  passwordHash: NonNullable<NewPerson["passwordHash"]>,
): Promise<void> {
  await askPostgres(
    inTransaction(sql, async (transaction) => {
      await transaction`
        UPDATE auth_accounts SET password = ${passwordHash}, updated_at = now()
        WHERE user_id = ${person.id} AND provider_id = 'credential'`;
      await endSessions(transaction, person.id, id);
    }),
  );
}
