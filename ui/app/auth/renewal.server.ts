/** When a sign-in in use is renewed, so that it does not end under whoever works with it. */
import { cookieOf } from "../cookie.ts";

const COOKIE = "rrhog_session";

/** As long as one lasts (core/api/auth/better-auth.ts), less a day: at most one renewal a day. */
const RENEWED_BELOW_S = 6 * 24 * 3_600;

/**
 * Whether the cookie's session has so little left that it is time. What the cookie says is not proved here: the API does
 * that when it is asked.
 * @param now ms since 1970
 */
export function isRenewalDue(cookies: string | null, now: number): boolean {
  const token = cookieOf(cookies, COOKIE);
  const endsAt = token && endOf(token);
  return typeof endsAt === "number" && endsAt - now / 1_000 < RENEWED_BELOW_S;
}

/** The JWT's `exp`, seconds since 1970; null where it is none. */
function endOf(token: string): number | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const exp = claims !== null && typeof claims === "object" && "exp" in claims ? claims.exp : null;
    return typeof exp === "number" ? exp : null;
  } catch {
    return null;
  }
}
