/**
 * A signed-in person's session: a row in Postgres, and a JWT that names it in an HttpOnly cookie. The signature is
 * checked first, so a forged or expired cookie costs no query; the row is looked up each time, so that signing out and
 * taking somebody off work at once.
 */

import { z } from "@hono/zod-openapi";
import { signJWT, verifyJWT } from "better-auth/crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { askPostgres } from "../engines/answer.ts";
import { newSecret } from "../secret.ts";
import type { Settings } from "../settings.ts";
import { SIGN_IN_LASTS_S } from "./better-auth.ts";
import { Person } from "./person.ts";

export const SESSION_COOKIE = "rrhog_session";

/** However often a session is renewed: then its password, or the identity provider, is asked again. */
const RENEWED_DAYS_MAX = 30;

/** How long a session goes on beside the one that replaces it. */
const OVERLAP_S = 60;

const USER_AGENT_MAX = 300;

/** Tells our JWTs from others that the sign-in library makes with the same secret. */
const AUDIENCE = "rrhog-console";

const Claims = z.object({ sub: z.uuid(), sid: z.uuid(), aud: z.literal(AUDIENCE), exp: z.number() });

export interface PersonSession {
  id: string;
  person: Person;
}

/** Who the request's cookie signs in; null without one, or with one that is forged, expired or signed out. */
export async function sessionOf(c: Context, sql: Sql, settings: Settings): Promise<PersonSession | null> {
  const token = getCookie(c, SESSION_COOKIE);
  if (!token) return null;
  const claims = Claims.safeParse(await verifyJWT(token, settings.AUTH_SECRET));
  if (!claims.success) return null;
  const { sid, sub } = claims.data;
  const rows = await askPostgres(sql`
    SELECT u.id, u.email, u.name
    FROM auth_sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${sid} AND s.user_id = ${sub} AND s.expires_at > now()`);
  return rows[0] ? { id: sid, person: Person.parse(rows[0]) } : null;
}

/** Signs in whom something else than the sign-in library has made sure of. */
export async function openSession(c: Context, sql: Sql, person: Person): Promise<PersonSession> {
  const rows = await askPostgres(sql<{ id: string }[]>`
    INSERT INTO auth_sessions (user_id, token, user_agent, updated_at, expires_at)
    VALUES (${person.id}, ${newSecret()}, ${userAgentOf(c)}, now(), now() + ${SIGN_IN_LASTS_S} * interval '1 second')
    RETURNING id`);
  const [made] = rows;
  if (!made) throw new Error("the session that was just made is not there");
  return { id: made.id, person };
}

/**
 * A new session in the place of one, which goes on for a minute. One that is copied without its owner's knowledge is of
 * use for a day then, not for a month.
 * @returns null where it was replaced already, or is too old for that
 */
export async function renewSession(sql: Sql, { id, person }: PersonSession): Promise<PersonSession | null> {
  const rows = await askPostgres(
    inTransaction(sql, async (transaction) => {
      await lockSessions(transaction, person.id);
      return transaction<{ id: string }[]>`
    WITH old AS (
      UPDATE auth_sessions SET rotated_at = now(), expires_at = least(expires_at, now() + ${OVERLAP_S} * interval '1 second')
      WHERE id = ${id} AND rotated_at IS NULL AND signed_in_at > now() - ${RENEWED_DAYS_MAX} * interval '1 day'
      RETURNING user_id, user_agent, signed_in_at)
    INSERT INTO auth_sessions (user_id, token, user_agent, signed_in_at, updated_at, expires_at)
    SELECT user_id, ${newSecret()}, user_agent, signed_in_at, now(),
      least(now() + ${SIGN_IN_LASTS_S} * interval '1 second', signed_in_at + ${RENEWED_DAYS_MAX} * interval '1 day')
    FROM old RETURNING id`;
    }),
  );
  return rows[0] ? { id: rows[0].id, person } : null;
}

/** Puts the session into the answer's cookie. */
export async function setSession(c: Context, settings: Settings, session: PersonSession): Promise<void> {
  const claims = { sub: session.person.id, sid: session.id, aud: AUDIENCE };
  const token = await signJWT(claims, settings.AUTH_SECRET, SIGN_IN_LASTS_S);
  setCookie(c, SESSION_COOKIE, token, { ...cookieAttributes(settings), maxAge: SIGN_IN_LASTS_S });
}

/** Removes the session's row and the cookie. */
export async function endSession(c: Context, sql: Sql, settings: Settings): Promise<void> {
  const session = await sessionOf(c, sql, settings);
  if (session) await askPostgres(sql`DELETE FROM auth_sessions WHERE id = ${session.id}`);
  deleteSessionCookie(c, settings);
}

/** All of a person's, in a transaction; with `exceptId`, that one goes on. */
export async function endSessions(transaction: Queryable, personId: string, exceptId?: string): Promise<void> {
  await lockSessions(transaction, personId);
  await transaction`
    DELETE FROM auth_sessions
    WHERE user_id = ${personId} ${exceptId === undefined ? transaction`` : transaction`AND id <> ${exceptId}`}`;
}

/** Until the transaction's end: a session that is being renewed must not slip by the end of all. */
async function lockSessions(transaction: Queryable, personId: string): Promise<void> {
  await transaction`SELECT FROM users WHERE id = ${personId} FOR UPDATE`;
}

export function deleteSessionCookie(c: Context, settings: Settings): void {
  deleteCookie(c, SESSION_COOKIE, cookieAttributes(settings));
}

/** As the console hands it on: what a person knows one of their sessions by. */
export function userAgentOf(c: Context): string | null {
  return c.req.header("user-agent")?.slice(0, USER_AGENT_MAX) ?? null;
}

export function cookieAttributes({ UI_URL }: Pick<Settings, "UI_URL">) {
  return { httpOnly: true, sameSite: "Lax", path: "/", secure: UI_URL.startsWith("https:") } as const;
}
