import { isAPIError } from "better-auth/api";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";
import { Refusal } from "../refusal.ts";
import type { BetterAuth } from "./better-auth.ts";
import type { PersonSession } from "./session.ts";
import type { SignInLimit } from "./sign-in-limit.ts";

/** A password check is a tenth of a second of work on purpose, several queries, and may wait for its turn. */
const SIGN_IN_MS = 8_000;

/**
 * @throws Refusal `credentials_wrong`, the same for a wrong password and an unknown address;
 *   `too_many_requests` after repeated failures
 */
export async function signIn(
  { auth, sql, limit }: { auth: BetterAuth; sql: Sql; limit: SignInLimit },
  credentials: { email: string; password: string },
  userAgent: string | null,
): Promise<PersonSession> {
  const email = credentials.email.toLowerCase();
  const attempt = limit.begin(email);
  try {
    const { user, token } = await askPostgres(
      auth.api.signInEmail({ body: { email, password: credentials.password } }),
      SIGN_IN_MS,
    );
    attempt.succeeded();
    const [row] = await askPostgres(sql<{ id: string }[]>`
      UPDATE auth_sessions SET user_agent = ${userAgent} WHERE token = ${token} RETURNING id`);
    if (!row) throw new Error("the session that was just made is not there");
    return { id: row.id, person: { id: user.id, email: user.email, name: user.name } };
  } catch (error) {
    if (!isAPIError(error) || error.statusCode >= 500) throw error;
    attempt.failed();
    throw new Refusal("credentials_wrong");
  } finally {
    attempt.end();
  }
}
