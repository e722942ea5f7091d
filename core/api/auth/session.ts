/**
 * A signed-in person's session: a row in Postgres, and a JWT that names it in an HttpOnly cookie. The signature is
 * checked first, so a forged or expired cookie costs no query; the row is looked up each time, so that signing out and
 * taking somebody off work at once.
 */

import { z } from "@hono/zod-openapi";
import { signJWT, verifyJWT } from "better-auth/crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";
import type { Settings } from "../settings.ts";
import { SIGN_IN_LASTS_S } from "./better-auth.ts";

export const SESSION_COOKIE = "rrhog_session";

/** Tells our JWTs from others that the sign-in library makes with the same secret. */
const AUDIENCE = "rrhog-console";

const Claims = z.object({ sub: z.uuid(), sid: z.uuid(), aud: z.literal(AUDIENCE), exp: z.number() });

export const Person = z.object({ id: z.string(), email: z.string(), name: z.string() }).openapi("Person");
export type Person = z.infer<typeof Person>;

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
  deleteCookie(c, SESSION_COOKIE, cookieAttributes(settings));
}

function cookieAttributes({ UI_URL }: Settings) {
  return { httpOnly: true, sameSite: "Lax", path: "/", secure: UI_URL.startsWith("https:") } as const;
}
