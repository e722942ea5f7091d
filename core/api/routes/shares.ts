import { createRoute, z } from "@hono/zod-openapi";
import { memberOf, membersOnly } from "../authorize.ts";
import { ProjectParams, SESSION_MS_MAX, SessionParams, wholeNumber } from "../parameters.ts";
import { playOrderOf } from "../queries/attempts.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import { sessionOrNotFound } from "../queries/sessions.ts";
import { createShare, listShares, revokeShare, Share } from "../queries/shares.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import { newSecret } from "../secret.ts";
import type { Services } from "../services.ts";

const DAY_S = 86_400;
const EXPIRY_S_MAX = 366 * DAY_S;
const LISTED_MAX = 500;
/** 256 bits. */
const TOKEN_BYTES = 32;

const NewShare = z
  .strictObject({
    from_ms: z.int().min(0).max(SESSION_MS_MAX).default(0).openapi({ description: "session time at which it begins" }),
    to_ms: z
      .int()
      .min(1)
      .max(SESSION_MS_MAX)
      .nullable()
      .default(null)
      .openapi({ description: "session time at which it ends; null for the session's end" }),
    expires_in_s: z
      .int()
      .min(60)
      .max(EXPIRY_S_MAX)
      .default(7 * DAY_S),
    shows_person: z.boolean().default(false).openapi({
      description: "whether whoever has the link is told the recorded person's id, address, country and user agent",
    }),
  })
  .refine(({ from_ms, to_ms }) => to_ms === null || to_ms > from_ms, { path: ["to_ms"], message: "after from_ms" })
  .openapi("NewShare", { example: { from_ms: 0, expires_in_s: DAY_S } });

const MadeShare = Share.extend({
  token: z.string().openapi({ description: "shown this once: `/shared/{token}` of the console, `/v1/shared/{token}`" }),
}).openapi("MadeShare");

const createShareRoute = createRoute({
  method: "post",
  path: "/v1/projects/{project_id}/sessions/{session_id}/shares",
  tags: ["shares"],
  summary: "Make a link that opens a session, or a span of it, to whoever has it",
  description:
    "For members and up. The link expires, can be revoked, and names neither the session nor the project. What lies " +
    "outside of the span cannot be read through it: playback begins at a picture of the page as it was at `from_ms`.",
  middleware: membersOnly,
  request: {
    params: SessionParams,
    body: { required: true, content: { "application/json": { schema: NewShare } } },
  },
  responses: {
    201: { description: "The link", content: { "application/json": { schema: MadeShare } } },
    ...readRefusals,
  },
});

const SharesList = z.object({ shares: z.array(Share) });
const limit = wholeNumber(1, LISTED_MAX).optional();

const listSessionSharesRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/shares",
  tags: ["shares"],
  summary: "The links of a session, newest first, without their tokens",
  request: { params: SessionParams, query: z.object({ limit }) },
  responses: {
    200: { description: "The links", content: { "application/json": { schema: SharesList } } },
    ...readRefusals,
  },
});

const listSharesRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/shares",
  tags: ["shares"],
  summary: "The links of a project, newest first, without their tokens",
  request: { params: ProjectParams, query: z.object({ limit }) },
  responses: {
    200: { description: "The links", content: { "application/json": { schema: SharesList } } },
    ...readRefusals,
  },
});

const revokeShareRoute = createRoute({
  method: "delete",
  path: "/v1/projects/{project_id}/shares/{share_id}",
  tags: ["shares"],
  summary: "Revoke a link: it opens nothing from now on",
  middleware: membersOnly,
  request: { params: ProjectParams.extend({ share_id: z.guid().toLowerCase() }) },
  responses: {
    200: { description: "The link as it is now", content: { "application/json": { schema: Share } } },
    ...readRefusals,
  },
});

export function shareRoutes({ sql, clickhouse }: Services) {
  return newRouter()
    .openapi(createShareRoute, async (c) => {
      const { person } = memberOf(c.get("caller"), c.get("project"));
      const { key, summary } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
      const { start_ts } = await playOrderOf(clickhouse, key, c.req.raw.signal);
      const start = { start_ts, started_at: new Date(summary.started_at) };
      const { expires_in_s, ...asked } = c.req.valid("json");
      const token = newSecret(TOKEN_BYTES);
      const expires_at = new Date(Date.now() + expires_in_s * 1_000);
      const share = await createShare(sql, key, { ...asked, ...start, token, expires_at }, person.id);
      await recordAudit(sql, actorOf(c.get("caller")), {
        projectId: key.project_id,
        action: "share.created",
        target: share.share_id,
        detail: { session_id: key.session_id, expires_at: expires_at.toISOString() },
      });
      return c.json({ ...share, token }, 201);
    })
    .openapi(listSessionSharesRoute, async (c) => {
      const { key } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
      const { limit = LISTED_MAX } = c.req.valid("query");
      return c.json({ shares: await listShares(sql, key.project_id, limit, key.session_id) }, 200);
    })
    .openapi(listSharesRoute, async (c) => {
      const { limit = LISTED_MAX } = c.req.valid("query");
      return c.json({ shares: await listShares(sql, c.get("project").id, limit) }, 200);
    })
    .openapi(revokeShareRoute, async (c) => {
      const share = await revokeShare(sql, c.get("project").id, c.req.valid("param").share_id);
      if (!share) throw new Refusal("not_found", { detail: "this project has no such link" });
      const done = { projectId: c.get("project").id, action: "share.revoked", target: share.share_id } as const;
      await recordAudit(sql, actorOf(c.get("caller")), done);
      return c.json(share, 200);
    });
}
