import { createRoute, z } from "@hono/zod-openapi";
import { DEMO_OWNER } from "../auth/development-access.ts";
import { Person } from "../auth/person.ts";
import { endSession, setSession, userAgentOf } from "../auth/session.ts";
import { isFirstRun } from "../auth/setup-token.ts";
import { signIn } from "../auth/sign-in.ts";
import { personOf } from "../authorize.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, problemContent } from "../router.ts";
import type { Services } from "../services.ts";

const signedIn = z.object({ user: Person });

const unavailable = { description: "A storage engine does not answer now", content: problemContent };
const tooMany = { description: "Too many attempts; `Retry-After` says when again", content: problemContent };

const signInAnswer = {
  description: "Signed in: `Set-Cookie` carries the session, a JWT in an HttpOnly cookie",
  headers: { "Set-Cookie": { schema: { type: "string" as const } } },
  content: { "application/json": { schema: signedIn } },
};

const signInRoute = createRoute({
  method: "post",
  path: "/v1/auth/sign-in",
  tags: ["sign-in"],
  summary: "Sign in with e-mail and password",
  security: [],
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .object({ email: z.email().max(254), password: z.string().min(1).max(128) })
            .openapi({ example: { email: "demo@rrhog.localhost", password: "demo_password_123" } }),
        },
      },
    },
  },
  responses: {
    200: signInAnswer,
    400: { description: "Malformed", content: problemContent },
    401: { description: "E-mail or password is wrong", content: problemContent },
    429: tooMany,
    503: unavailable,
  },
});

const demoRoute = createRoute({
  method: "post",
  path: "/v1/auth/demo",
  tags: ["sign-in"],
  summary: "Sign in as the demo owner (embedded stack only)",
  security: [],
  responses: {
    200: signInAnswer,
    404: { description: "Not the embedded stack", content: problemContent },
    429: tooMany,
    503: unavailable,
  },
});

const signOutRoute = createRoute({
  method: "post",
  path: "/v1/auth/sign-out",
  tags: ["sign-in"],
  summary: "End this session, wherever its cookie is",
  responses: {
    204: { description: "The session is over; `Set-Cookie` removes the cookie" },
    503: unavailable,
  },
});

const meRoute = createRoute({
  method: "get",
  path: "/v1/auth/me",
  tags: ["sign-in"],
  summary: "Who is signed in",
  responses: {
    200: { description: "The person", content: { "application/json": { schema: signedIn } } },
    401: { description: "Nobody is signed in", content: problemContent },
    403: { description: "The caller is a key, not a person", content: problemContent },
    503: unavailable,
  },
});

const methodsRoute = createRoute({
  method: "get",
  path: "/v1/auth/methods",
  tags: ["sign-in"],
  summary: "How one can sign in here",
  security: [],
  responses: {
    200: {
      description: "What a sign-in page should offer",
      content: {
        "application/json": {
          schema: z.object({
            demo: z.boolean().openapi({ description: "POST /v1/auth/demo" }),
            oidc: z.boolean().openapi({ description: "GET /v1/auth/oidc/start" }),
            first_run: z.boolean().openapi({ description: "nobody has an account: POST /v1/auth/first-run" }),
          }),
        },
      },
    },
    503: unavailable,
  },
});

export function authRoutes(services: Services) {
  const { sql, settings } = services;
  return newRouter()
    .openapi(signInRoute, async (c) => {
      const session = await signIn(services, c.req.valid("json"), userAgentOf(c));
      await setSession(c, settings, session);
      return c.json({ user: session.person }, 200);
    })
    .openapi(demoRoute, async (c) => {
      if (settings.RRHOG_EMBEDDED !== "1") throw new Refusal("not_found");
      const session = await signIn(services, DEMO_OWNER, userAgentOf(c));
      await setSession(c, settings, session);
      return c.json({ user: session.person }, 200);
    })
    .openapi(signOutRoute, async (c) => {
      await endSession(c, sql, settings);
      return c.body(null, 204);
    })
    .openapi(methodsRoute, async (c) =>
      c.json(
        {
          demo: settings.RRHOG_EMBEDDED === "1",
          oidc: settings.OIDC_ISSUER !== undefined,
          first_run: await isFirstRun(sql),
        },
        200,
      ),
    )
    .openapi(meRoute, (c) => c.json({ user: personOf(c.get("caller")).person }, 200));
}
