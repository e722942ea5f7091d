import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { OIDC_ATTEMPT_S, OidcClient } from "../auth/oidc.ts";
import { cookieAttributes, openSession, setSession } from "../auth/session.ts";
import { admitOidcPerson } from "../queries/oidc-person.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, problemContent, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const ATTEMPT_COOKIE = "rrhog_oidc";
const notConfigured = { description: "No identity provider is configured", content: problemContent };

const startRoute = createRoute({
  method: "get",
  path: "/v1/auth/oidc/start",
  tags: ["sign-in"],
  summary: "Sign in at the identity provider",
  description: "For browsers, at the console's address.",
  security: [],
  request: {
    query: z.object({
      next: z
        .string()
        .max(2_000)
        .optional()
        .openapi({ description: "path of the console to go to afterwards; any other address is taken for `/`" }),
    }),
  },
  responses: {
    302: { description: "To the provider" },
    400: readRefusals[400],
    404: notConfigured,
    503: readRefusals[503],
  },
});

const callbackRoute = createRoute({
  method: "get",
  path: "/v1/auth/oidc/callback",
  tags: ["sign-in"],
  summary: "Where the identity provider sends the browser back to",
  security: [],
  responses: {
    302: {
      description:
        "Signed in: `Set-Cookie` carries the session. Else to the sign-in page, with `refused`: `sso_failed`, " +
        "`sso_email_unverified`, `sso_email_domain`, `sso_email_taken` or `sso_unavailable`",
    },
    404: notConfigured,
    503: readRefusals[503],
  },
});

export function oidcRoutes({ sql, settings }: Services) {
  const client = settings.OIDC_ISSUER === undefined ? null : new OidcClient(settings, settings.OIDC_ISSUER);
  const configured = () => {
    if (!client) throw new Refusal("not_found", { detail: "no identity provider is configured" });
    return client;
  };
  const attributes = { ...cookieAttributes(settings), path: "/v1/auth/oidc" };
  // Put together and not resolved: a path such as //evil.example would name another host.
  const consolePage = (path: string) => new URL(settings.UI_URL).origin + path;
  const refuse = (c: Context, refusal: string) => c.redirect(consolePage(`/sign-in?refused=${refusal}`), 302);
  return newRouter()
    .openapi(startRoute, async (c) => {
      const { url, attempt } = await configured().begin(ownPath(c.req.valid("query").next, settings.UI_URL));
      setCookie(c, ATTEMPT_COOKIE, attempt, { ...attributes, maxAge: OIDC_ATTEMPT_S });
      return c.redirect(url.href, 302);
    })
    .openapi(callbackRoute, async (c) => {
      const answer = await configured().finish(new URL(c.req.url).searchParams, getCookie(c, ATTEMPT_COOKIE));
      deleteCookie(c, ATTEMPT_COOKIE, attributes);
      if (!answer.ok) return refuse(c, answer.refusal);
      const person = await admitOidcPerson(sql, answer.person, settings.OIDC_ROLES);
      if (!person) return refuse(c, "sso_email_taken");
      await setSession(c, settings, await openSession(c, sql, person));
      return c.redirect(consolePage(answer.next), 302);
    });
}

/** A path of the console: whatever leads elsewhere is its first page. */
function ownPath(next: string | undefined, uiUrl: string): string {
  if (!next?.startsWith("/") || !URL.canParse(next, uiUrl)) return "/";
  const url = new URL(next, uiUrl);
  return url.origin === new URL(uiUrl).origin ? url.pathname + url.search : "/";
}
