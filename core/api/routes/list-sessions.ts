import { createRoute, z } from "@hono/zod-openapi";
import { cursorOf, toCursor } from "../cursor.ts";
import { ProjectParams, wholeNumber } from "../parameters.ts";
import { ListCursor, listSessions, SessionFilters, SessionSummary } from "../queries/sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions",
  tags: ["sessions"],
  summary: "Sessions, newest first",
  request: {
    params: ProjectParams,
    query: SessionFilters.extend({ limit: wholeNumber(1, 500).default(50), cursor: cursorOf(ListCursor).optional() }),
  },
  responses: {
    200: {
      description: "A page of sessions; `next_cursor` asks for the following one and is null on the last.",
      content: {
        "application/json": {
          schema: z.object({ sessions: z.array(SessionSummary), next_cursor: z.string().nullable() }),
        },
      },
    },
    ...readRefusals,
  },
});

export function listSessionsRoute({ sql }: Services) {
  return newRouter().openapi(route, async (c) => {
    const { limit, cursor, ...filters } = c.req.valid("query");
    const { sessions, last } = await listSessions(sql, c.get("project"), filters, { limit, cursor });
    return c.json({ sessions, next_cursor: last && toCursor(last) }, 200);
  });
}
