import { createRoute, z } from "@hono/zod-openapi";
import { EdgeProject, EdgeSession, PAGE_ORIGIN_HEADER, PAGE_ORIGIN_LENGTH_MAX } from "#protocol/edge-project.ts";
import { bearer } from "../caller.ts";
import { SessionParams } from "../parameters.ts";
import { findEdgeProject, isSessionBegun } from "../queries/find-edge-project.ts";
import { MonthlyUse } from "../queries/monthly-use.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, problemContent } from "../router.ts";
import { isSameSecret } from "../same-secret.ts";
import type { Services } from "../services.ts";

/** Anyone's browser may say what it likes: what is no origin is none. */
const Origin = z
  .string()
  .max(PAGE_ORIGIN_LENGTH_MAX)
  .refine((origin) => URL.parse(origin)?.origin === origin)
  .nullable()
  .catch(null);

const route = createRoute({
  method: "get",
  path: "/edge/projects/{key_hash}",
  tags: ["edge"],
  summary: "What the edge needs to know of a key",
  description:
    "For the edge only: `Authorization: Bearer EDGE_SECRET`; `X-Page-Origin` says whose page shows the key. Limits and quotas are the project's (docs/settings.md); " +
    "`quota_used_up` is null within them, and as long as the month's use is not counted.",
  request: {
    params: z.object({
      key_hash: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, "SHA-256 of the key, in hex")
        .openapi({ example: "0".repeat(64) }),
    }),
  },
  responses: {
    200: { description: "The key's project", content: { "application/json": { schema: EdgeProject } } },
    400: { description: "Not a SHA-256", content: problemContent },
    401: { description: "Not the edge", content: problemContent },
    404: { description: "Nobody has this key, or no longer", content: problemContent },
    503: { description: "Cannot be checked now", content: problemContent },
  },
});

const sessionRoute = createRoute({
  method: "get",
  path: "/edge/projects/{project_id}/sessions/{session_id}",
  tags: ["edge"],
  summary: "Whether a session was begun, so that it may be finished though a quota is used up",
  description: "For the edge only: `Authorization: Bearer EDGE_SECRET`.",
  request: { params: SessionParams },
  responses: {
    200: { description: "What is known of it", content: { "application/json": { schema: EdgeSession } } },
    400: { description: "Not a session's id", content: problemContent },
    401: { description: "Not the edge", content: problemContent },
    503: { description: "Cannot be checked now", content: problemContent },
  },
});

export function edgeProjectRoute({ sql, settings, log }: Services) {
  const monthlyUse = new MonthlyUse(sql, log);
  const app = newRouter();
  app.use("/edge/*", async (c, next) => {
    const secret = bearer(c);
    if (secret === null || !isSameSecret(secret, settings.EDGE_SECRET)) {
      throw new Refusal("not_signed_in", { detail: "this route is for the edge" });
    }
    await next();
  });
  return app
    .openapi(route, async (c) => {
      const origin = Origin.parse(c.req.header(PAGE_ORIGIN_HEADER));
      const project = await findEdgeProject(sql, monthlyUse, c.req.valid("param").key_hash, origin);
      if (!project) throw new Refusal("not_found");
      return c.json(project, 200);
    })
    .openapi(sessionRoute, async (c) => {
      const { project_id, session_id } = c.req.valid("param");
      return c.json({ v: 1 as const, begun: await isSessionBegun(sql, project_id, session_id) }, 200);
    });
}
