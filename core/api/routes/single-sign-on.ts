import { createRoute, z } from "@hono/zod-openapi";
import { OidcClient } from "../auth/oidc.ts";
import { managersOnly } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/single-sign-on";

const SingleSignOn = z
  .object({
    issuer: z.url().nullable().openapi({ description: "null: there is no single sign-on" }),
    client_id: z.string().nullable(),
    redirect_uri: z.url().nullable().openapi({ description: "to be allowed at the provider" }),
    email_domains: z.array(z.string()).openapi({ description: "whose addresses are let in; empty for all" }),
    role_claim: z.string(),
    roles: z
      .array(
        z.object({
          value: z.string().nullable().openapi({ description: "of the claim; null: everybody who signs in" }),
          role: z.enum(["admin", "member", "viewer"]),
        }),
      )
      .openapi({ description: "given in this project" }),
  })
  .openapi("SingleSignOn");

const Check = z
  .object({
    ok: z.boolean(),
    why: z.string().nullable().openapi({ description: "what is wrong" }),
    tells_roles: z.boolean().nullable().openapi({
      description:
        "whether the provider says that it tells the claim that roles are given by; null where it does not say",
    }),
  })
  .openapi("SingleSignOnCheck");

const oneRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["projects"],
  summary: "How single sign-on is set up, and whom it gives a role in the project",
  description: "For owners and admins. It is set by settings of the server (docs/settings.md).",
  middleware: managersOnly,
  request: { params: ProjectParams },
  responses: {
    200: { description: "As it is set", content: { "application/json": { schema: SingleSignOn } } },
    ...readRefusals,
  },
});

const checkRoute = createRoute({
  method: "post",
  path: `${PATH}/check`,
  tags: ["projects"],
  summary: "Ask the identity provider whether it is there",
  description: "For owners and admins.",
  middleware: managersOnly,
  request: { params: ProjectParams },
  responses: {
    200: { description: "What it said", content: { "application/json": { schema: Check } } },
    ...readRefusals,
  },
});

export function singleSignOnRoutes({ settings }: Services) {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_EMAIL_DOMAINS, OIDC_ROLE_CLAIM, OIDC_ROLES } = settings;
  const client = OIDC_ISSUER === undefined ? null : new OidcClient(settings, OIDC_ISSUER);
  return newRouter()
    .openapi(oneRoute, (c) => {
      const { id } = c.get("project");
      return c.json(
        {
          issuer: OIDC_ISSUER ?? null,
          client_id: OIDC_CLIENT_ID ?? null,
          redirect_uri: client?.redirectUri ?? null,
          email_domains: OIDC_EMAIL_DOMAINS,
          role_claim: OIDC_ROLE_CLAIM,
          roles: OIDC_ROLES.filter(({ projectId }) => projectId === id).map(({ claim, role }) => ({
            value: claim,
            role,
          })),
        },
        200,
      );
    })
    .openapi(checkRoute, async (c) => {
      if (!client) throw new Refusal("not_found", { detail: "no identity provider is configured" });
      const check = await client.check();
      return c.json(
        { ok: check.ok, why: check.ok ? null : check.why, tells_roles: check.ok ? check.tells_roles : null },
        200,
      );
    });
}
