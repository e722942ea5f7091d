import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { allowMemberChange, managersOnly, managersOrSelf, personsOnly } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { ProjectParams, wholeNumber } from "../parameters.ts";
import { actorOf } from "../queries/audit.ts";
import { changeMember, Member, MemberCursor, membersOf } from "../queries/members.ts";
import { ROLES, type Role } from "../queries/projects.ts";
import { Refusal } from "../refusal.ts";
import { type ApiEnv, conflict, newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/members";
const MemberParams = ProjectParams.extend({ member_id: z.guid() });
const memberContent = { "application/json": { schema: Member } };

const LISTED_MAX = 1_000;

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["projects"],
  summary: "Who belongs to the project, by e-mail address",
  description: "For persons of the project, whatever their role.",
  middleware: personsOnly,
  request: {
    params: ProjectParams,
    query: z.object({
      limit: wholeNumber(1, LISTED_MAX).default(LISTED_MAX),
      cursor: cursorOf(MemberCursor).optional(),
    }),
  },
  responses: {
    200: {
      description: "The members, all of them but in the largest projects: `next_cursor` asks for those that follow",
      content: {
        "application/json": { schema: z.object({ members: z.array(Member), next_cursor: z.string().nullable() }) },
      },
    },
    ...readRefusals,
  },
});

const changeRoute = createRoute({
  method: "patch",
  path: `${PATH}/{member_id}`,
  tags: ["projects"],
  summary: "Give a member another role",
  description: "For owners and admins; owners are made and unmade by owners only. A project always has an owner.",
  middleware: managersOnly,
  request: {
    params: MemberParams,
    body: {
      required: true,
      content: {
        "application/json": { schema: z.strictObject({ role: z.enum(ROLES).openapi({ example: "viewer" }) }) },
      },
    },
  },
  responses: { 200: { description: "The member", content: memberContent }, ...readRefusals, 409: conflict },
});

const removeRoute = createRoute({
  method: "delete",
  path: `${PATH}/{member_id}`,
  tags: ["projects"],
  summary: "Take somebody out of the project, or leave it",
  description:
    "For owners and admins, and of oneself for everybody. Holds from the next request on. Owners are taken out by owners " +
    "only, and the last one stays.",
  middleware: managersOrSelf,
  request: { params: MemberParams },
  responses: { 200: { description: "Who it was", content: memberContent }, ...readRefusals, 409: conflict },
});

export function memberRoutes({ sql }: Services) {
  const change = async (c: Context<ApiEnv>, memberId: string, after: Role | null) => {
    const actor = actorOf(c.get("caller"));
    const changed = await changeMember(
      sql,
      { projectId: c.get("project").id, memberId, after },
      actor,
      (callerRole, asked) => allowMemberChange(callerRole, asked, actor.id === memberId),
    );
    if (!changed) throw new Refusal("not_found", { detail: "nobody with this id belongs to the project" });
    return changed;
  };
  return newRouter()
    .openapi(listRoute, async (c) => {
      const { members, last } = await membersOf(sql, c.get("project").id, c.req.valid("query"));
      return c.json({ members, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(changeRoute, async (c) =>
      c.json(await change(c, c.req.valid("param").member_id, c.req.valid("json").role), 200),
    )
    .openapi(removeRoute, async (c) => c.json(await change(c, c.req.valid("param").member_id, null), 200));
}
