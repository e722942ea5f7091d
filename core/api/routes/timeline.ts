import { createRoute, z } from "@hono/zod-openapi";
import { SessionParams } from "../parameters.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

export const TimelineItem = z
  .object({
    at_ms: z.number().openapi({ description: "session time" }),
    type: z.string().openapi({ example: "$pageview" }),
    window_id: z.string(),
    page: z.string().optional().openapi({ description: "path of the page it happened on" }),
    text: z.string().optional(),
    selector: z.string().optional(),
    detail: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi("TimelineItem");
export type TimelineItem = z.infer<typeof TimelineItem>;

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/timeline",
  tags: ["playback"],
  summary: "What happened in a session, in time order",
  request: { params: SessionParams },
  responses: {
    200: {
      description: "Pages, clicks, errors, requests and custom events",
      content: { "application/json": { schema: z.object({ items: z.array(TimelineItem) }) } },
    },
    ...readRefusals,
  },
});

export function timelineRoute(services: Services) {
  return newRouter().openapi(route, async () => {
    throw new Error(String(services));
  });
}
