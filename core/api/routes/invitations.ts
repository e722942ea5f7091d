import { createRoute, z } from "@hono/zod-openapi";
import { Email, newPerson, Password, Person, PersonName } from "../auth/person.ts";
import { openSession, setSession } from "../auth/session.ts";
import { allowInvitation, managersOnly } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import { actorOf } from "../queries/audit.ts";
import {
  acceptInvitation,
  Invitation,
  InvitationOffer,
  InvitationToken,
  invitationsOf,
  invite,
  readOffer,
  revokeInvitation,
} from "../queries/invitations.ts";
import { ROLES } from "../queries/projects.ts";
import { Refusal } from "../refusal.ts";
import { conflict, newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/invitations";
const WEEK_H = 7 * 24;
const invitationContent = { "application/json": { schema: Invitation } };

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["projects"],
  summary: "Who was invited, newest first",
  description: "For owners and admins.",
  middleware: managersOnly,
  request: { params: ProjectParams },
  responses: {
    200: {
      description: "The invitations",
      content: { "application/json": { schema: z.object({ invitations: z.array(Invitation) }) } },
    },
    ...readRefusals,
  },
});

const inviteRoute = createRoute({
  method: "post",
  path: PATH,
  tags: ["projects"],
  summary: "Invite somebody to the project",
  description:
    "For owners and admins; only owners invite owners. Nothing is mailed: hand the link on. It is told this once, works " +
    "once, only for the address that it was made for, and while whoever made it may invite to that role.",
  middleware: managersOnly,
  request: {
    params: ProjectParams,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({
            email: Email.openapi({ example: "ada@example.com" }),
            role: z.enum(ROLES).openapi({ example: "member" }),
            expires_in_h: z
              .int()
              .min(1)
              .max(30 * 24)
              .default(WEEK_H),
          }),
        },
      },
    },
  },
  responses: {
    201: {
      description: "The invitation, with its link",
      content: { "application/json": { schema: Invitation.extend({ token: z.string(), url: z.string() }) } },
    },
    ...readRefusals,
    409: conflict,
  },
});

const revokeRoute = createRoute({
  method: "delete",
  path: `${PATH}/{invitation_id}`,
  tags: ["projects"],
  summary: "Take an invitation back",
  description: "For owners and admins. One that was accepted stays so: take the member out instead.",
  middleware: managersOnly,
  request: { params: ProjectParams.extend({ invitation_id: z.guid() }) },
  responses: { 200: { description: "The invitation", content: invitationContent }, ...readRefusals },
});

const readRoute = createRoute({
  method: "post",
  path: "/v1/auth/invitations/read",
  tags: ["sign-in"],
  summary: "What an invitation's link offers",
  description: "A POST, so that the token stands in no URL of the API.",
  security: [],
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: z.strictObject({ token: InvitationToken }) } },
    },
  },
  responses: {
    200: { description: "The offer", content: { "application/json": { schema: InvitationOffer } } },
    ...readRefusals,
  },
});

const acceptRoute = createRoute({
  method: "post",
  path: "/v1/auth/invitations/accept",
  tags: ["sign-in"],
  summary: "Accept an invitation",
  description:
    "Signed in: with the token alone. Without an account: with name and password, which make one and sign in. " +
    "With an account, and not signed in: sign in first.",
  security: [],
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({
              token: InvitationToken,
              name: PersonName.optional(),
              password: Password.optional(),
            })
            .refine(({ name, password }) => (name === undefined) === (password === undefined), {
              path: ["password"],
              message: "name and password, or neither",
            }),
        },
      },
    },
  },
  responses: {
    200: {
      description: "A member now; `Set-Cookie` where this signed in",
      content: { "application/json": { schema: z.object({ user: Person }) } },
    },
    ...readRefusals,
  },
});

export function invitationRoutes({ sql, settings, limit }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => c.json({ invitations: await invitationsOf(sql, c.get("project").id) }, 200))
    .openapi(inviteRoute, async (c) => {
      const project = c.get("project");
      const { email, role, expires_in_h } = c.req.valid("json");
      allowInvitation(project, role);
      const asked = { email, role, expiresInH: expires_in_h };
      const { invitation, token } = await invite(sql, project.id, asked, actorOf(c.get("caller")));
      const url = new URL(`/invitations/${token}`, settings.UI_URL).href;
      return c.json({ ...invitation, token, url }, 201);
    })
    .openapi(revokeRoute, async (c) => {
      const { invitation_id } = c.req.valid("param");
      const revoked = await revokeInvitation(sql, c.get("project").id, invitation_id, actorOf(c.get("caller")));
      if (!revoked) throw new Refusal("not_found", { detail: "this project has no such invitation" });
      return c.json(revoked, 200);
    })
    .openapi(readRoute, async (c) => c.json(await readOffer(sql, c.req.valid("json").token), 200))
    .openapi(acceptRoute, async (c) => {
      const { token, name, password } = c.req.valid("json");
      const caller = c.get("caller");
      if (caller.kind === "key") throw new Refusal("not_permitted", { detail: "a key joins no project" });
      if (caller.kind === "person") {
        return c.json({ user: await acceptInvitation(sql, token, caller.session.person, null) }, 200);
      }
      // Hashing is work: not before the link is known to be good, and a few at a time.
      const { email } = await readOffer(sql, token);
      const account =
        name !== undefined && password !== undefined
          ? await limit.check(email, () => newPerson({ name, password }))
          : null;
      const person = await acceptInvitation(sql, token, null, account);
      await setSession(c, settings, await openSession(c, sql, person));
      return c.json({ user: person }, 200);
    });
}
