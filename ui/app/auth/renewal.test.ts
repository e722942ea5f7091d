import { describe, expect, it } from "vitest";
import { SIGN_IN_LASTS_S } from "#core/api/auth/better-auth.ts";
import { SESSION_COOKIE } from "#core/api/auth/session.ts";
import { isRenewalDue } from "./renewal.server.ts";

const NOW = Date.UTC(2026, 10, 26);
const DAY_S = 24 * 3_600;

function cookieEnding(inS: number): string {
  const claims = Buffer.from(JSON.stringify({ exp: NOW / 1_000 + inS })).toString("base64url");
  return `rrhog_tz=Europe%2FBerlin; ${SESSION_COOKIE}=head.${claims}.signature`;
}

describe("a sign-in in use", () => {
  it("is renewed once a day", () => {
    expect(isRenewalDue(cookieEnding(SIGN_IN_LASTS_S), NOW)).toBe(false);
    expect(isRenewalDue(cookieEnding(SIGN_IN_LASTS_S - DAY_S + 60), NOW)).toBe(false);
    expect(isRenewalDue(cookieEnding(SIGN_IN_LASTS_S - DAY_S - 60), NOW)).toBe(true);
    expect(isRenewalDue(cookieEnding(60), NOW)).toBe(true);
  });

  it("is left alone where there is none, or what stands there is no session", () => {
    expect(isRenewalDue(null, NOW)).toBe(false);
    expect(isRenewalDue("rrhog_tz=UTC", NOW)).toBe(false);
    expect(isRenewalDue(`${SESSION_COOKIE}=nonsense`, NOW)).toBe(false);
    expect(isRenewalDue(`${SESSION_COOKIE}=a.bnVsbA.c`, NOW)).toBe(false);
  });
});
