import { createRoute, z } from "@hono/zod-openapi";
import { cursorText, ProjectParams, wholeNumber } from "../parameters.ts";
import { SessionFilters, SessionSummary } from "../queries/list-sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions",
  tags: ["sessions"],
  summary: "Sessions, newest first",
  request: {
    params: ProjectParams,
    query: SessionFilters.extend({ limit: wholeNumber(1, 500).default(50), cursor: cursorText.optional() }),
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

export function listSessionsRoute(services: Services) {
  return newRouter().openapi(route, async () => {
    throw new Error(String(services));
  });
}
