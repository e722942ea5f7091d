/**
 * Sign-in at an identity provider: the code flow with PKCE, state and nonce, by a certified library. What must be
 * remembered between the two requests lies in a signed cookie of the browser that began, so that an answer which somebody
 * else began is refused.
 */
import { z } from "@hono/zod-openapi";
import { signJWT, verifyJWT } from "better-auth/crypto";
import * as openid from "openid-client";
import { Refusal } from "../refusal.ts";
import type { Settings } from "../settings.ts";
import { Email, PersonName } from "./person.ts";

const TIMEOUT_S = 10;

/** How long somebody may take at the provider. */
export const OIDC_ATTEMPT_S = 10 * 60;

const AUDIENCE = "rrhog-oidc";

const Attempt = z.object({
  aud: z.literal(AUDIENCE),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
});

/** What the provider says of a person. Providers put what they like into a token; only this is read. */
const Claims = z.looseObject({
  sub: z.string().min(1).max(255),
  email: Email.optional(),
  email_verified: z.union([z.boolean(), z.stringbool()]).optional(),
  name: PersonName.optional().catch(undefined),
});

export interface OidcPerson {
  /** Names the person at this provider for good. */
  subject: string;
  email: string;
  name: string;
  /** Values of OIDC_ROLE_CLAIM. */
  groups: string[];
}

/** Whether the provider answers as one, and what it says of itself. */
type ProviderCheck =
  | { ok: true /** Whether it tells OIDC_ROLE_CLAIM; null where it does not say. */; tells_roles: boolean | null }
  | { ok: false; why: string };

/** Why somebody is sent back to the sign-in page. */
export type OidcRefusal =
  | "sso_failed"
  | "sso_email_unverified"
  | "sso_email_domain"
  | "sso_email_taken"
  | "sso_unavailable";

export class OidcClient {
  readonly #settings: Settings;
  readonly #issuer: URL;
  /** Where the provider sends browsers back to. */
  readonly redirectUri: string;
  #discovered: Promise<openid.Configuration> | null = null;

  /** @param issuer OIDC_ISSUER */
  constructor(settings: Settings, issuer: string) {
    this.#settings = settings;
    this.#issuer = new URL(issuer);
    this.redirectUri = new URL("/v1/auth/oidc/callback", settings.UI_URL).href;
  }

  /** Asks the provider anew, whatever it said before. */
  async check(): Promise<ProviderCheck> {
    try {
      const { claims_supported } = (await this.#discover()).serverMetadata();
      return { ok: true, tells_roles: claims_supported?.includes(this.#settings.OIDC_ROLE_CLAIM) ?? null };
    } catch (error) {
      return { ok: false, why: reasonOf(error) };
    }
  }

  /** Where to send the browser, and what it must bring back. @throws Refusal `sso_unavailable` */
  async begin(next: string): Promise<{ url: URL; attempt: string }> {
    const config = await this.#configuration();
    const [state, nonce, verifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()];
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: this.redirectUri,
      scope: "openid email profile",
      response_type: "code",
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    const claims = { aud: AUDIENCE, state, nonce, verifier, next };
    return { url, attempt: await signJWT(claims, this.#settings.AUTH_SECRET, OIDC_ATTEMPT_S) };
  }

  /**
   * @param answer the query with which the provider sent the browser back
   * @param attempt what `begin` gave to the browser
   */
  async finish(
    answer: URLSearchParams,
    attempt: string | undefined,
  ): Promise<{ ok: true; person: OidcPerson; next: string } | { ok: false; refusal: OidcRefusal }> {
    const begun = Attempt.safeParse(attempt && (await verifyJWT(attempt, this.#settings.AUTH_SECRET)));
    if (!begun.success) return { ok: false, refusal: "sso_failed" };
    const { state, nonce, verifier, next } = begun.data;
    const url = new URL(this.redirectUri);
    url.search = answer.toString();
    try {
      const config = await this.#configuration();
      const tokens = await openid.authorizationCodeGrant(config, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const inToken = tokens.claims();
      if (!inToken) return { ok: false, refusal: "sso_failed" };
      // Many providers keep the address or the groups out of the token and tell them when asked.
      const isShort =
        inToken.email === undefined || (this.#wantsGroups && inToken[this.#settings.OIDC_ROLE_CLAIM] === undefined);
      const claims = isShort
        ? { ...(await openid.fetchUserInfo(config, tokens.access_token, inToken.sub)), ...inToken }
        : inToken;
      const person = this.#personOf(claims);
      return typeof person === "string" ? { ok: false, refusal: person } : { ok: true, person, next };
    } catch (error) {
      return { ok: false, refusal: error instanceof Refusal ? "sso_unavailable" : "sso_failed" };
    }
  }

  get #wantsGroups(): boolean {
    return this.#settings.OIDC_ROLES.some(({ claim }) => claim !== null);
  }

  #personOf(said: unknown): OidcPerson | OidcRefusal {
    const claims = Claims.safeParse(said);
    if (!claims.success) return "sso_failed";
    const { sub, email, email_verified, name } = claims.data;
    // An address that the provider only repeats may be anybody's.
    if (email === undefined || email_verified !== true) return "sso_email_unverified";
    const { OIDC_EMAIL_DOMAINS, OIDC_ROLE_CLAIM } = this.#settings;
    const domain = email.slice(email.lastIndexOf("@") + 1);
    if (OIDC_EMAIL_DOMAINS.length > 0 && !OIDC_EMAIL_DOMAINS.includes(domain)) return "sso_email_domain";
    const groups = z.union([z.array(z.string()), z.string().transform((one) => [one])]).catch([]);
    return {
      subject: `${this.#issuer.href} ${sub}`,
      email,
      name: name ?? email.slice(0, email.lastIndexOf("@")),
      groups: groups.parse(claims.data[OIDC_ROLE_CLAIM]),
    };
  }

  /** Asked for once, when it is needed first: the API starts without the provider. */
  async #configuration(): Promise<openid.Configuration> {
    this.#discovered ??= this.#discover();
    try {
      return await this.#discovered;
    } catch (error) {
      this.#discovered = null;
      throw new Refusal("sso_unavailable", {}, { cause: error, retryAfterS: 5 });
    }
  }

  #discover(): Promise<openid.Configuration> {
    const { OIDC_CLIENT_ID = "", OIDC_CLIENT_SECRET } = this.#settings;
    // The settings let http through for a provider on this machine only.
    const execute = this.#issuer.protocol === "http:" ? [openid.allowInsecureRequests] : [];
    return openid.discovery(this.#issuer, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, undefined, {
      execute,
      timeout: TIMEOUT_S,
    });
  }
}

/** The innermost cause says it: `connect ECONNREFUSED 127.0.0.1:1`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "no answer";
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
