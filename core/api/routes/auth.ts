import { createRoute, z } from "@hono/zod-openapi";
import { Problem } from "#protocol/problem.ts";
import { newRouter } from "../router.ts";
import type { Services } from "../services.ts";

const User = z.object({ id: z.string(), email: z.string(), name: z.string() }).openapi("User");
const signedIn = z.object({ user: User });

const problemContent = { "application/problem+json": { schema: Problem } };
const signInRefusals = {
  400: { description: "Malformed", content: problemContent },
  401: { description: "E-mail or password is wrong", content: problemContent },
  429: { description: "Too many failed attempts; `Retry-After` says when again", content: problemContent },
  503: { description: "A storage engine does not answer now", content: problemContent },
};

const signInAnswer = {
  description: "Signed in: `Set-Cookie` carries the session",
  headers: { "Set-Cookie": { schema: { type: "string" as const } } },
  content: { "application/json": { schema: signedIn } },
};

const signInRoute = createRoute({
  method: "post",
  path: "/v1/auth/sign-in",
  tags: ["sign-in"],
  summary: "Sign in with e-mail and password",
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({ email: z.email().max(254), password: z.string().min(1).max(256) }),
        },
      },
    },
  },
  responses: { 200: signInAnswer, ...signInRefusals },
});

const demoRoute = createRoute({
  method: "post",
  path: "/v1/auth/demo",
  tags: ["sign-in"],
  summary: "Sign in as the demo owner (embedded stack only)",
  responses: {
    200: signInAnswer,
    404: { description: "Not the embedded stack", content: problemContent },
    503: signInRefusals[503],
  },
});

const signOutRoute = createRoute({
  method: "post",
  path: "/v1/auth/sign-out",
  tags: ["sign-in"],
  summary: "End this session",
  responses: { 204: { description: "The session is ended and its cookie removed" } },
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
    503: signInRefusals[503],
  },
});

export function authRoutes(services: Services) {
  return newRouter()
    .openapi(signInRoute, async () => {
      throw new Error(String(services));
    })
    .openapi(demoRoute, async () => {
      throw new Error(String(services));
    })
    .openapi(signOutRoute, async (c) => c.body(null, 204))
    .openapi(meRoute, async () => {
      throw new Error(String(services));
    });
}
