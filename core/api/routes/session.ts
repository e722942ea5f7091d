import { createRoute, z } from "@hono/zod-openapi";
import { SessionParams } from "../parameters.ts";
import { SessionSummary } from "../queries/list-sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

/** One tab's life. Its times are on the recorded browser's own clock, in ms, as in rrweb's `timestamp`. */
const Window = z
  .object({
    window_id: z.string().openapi({ description: "'' for recorders that do not know windows" }),
    first_ts: z.number(),
    last_ts: z.number(),
    event_count: z.int(),
    first_url: z.string().nullable(),
    full_snapshots: z.array(z.number()).openapi({ description: "where playback can begin" }),
  })
  .openapi("Window");

const Page = z
  .object({
    at_ms: z.number().openapi({ description: "session time" }),
    window_id: z.string(),
    url: z.string(),
    path: z.string(),
  })
  .openapi("Page");

export const SessionDetail = SessionSummary.extend({
  start_ts: z.number().openapi({
    description: "session time 0 on the recorded browser's clock: session time = an event's timestamp - start_ts",
  }),
  user_agent: z.string().nullable(),
  windows: z.array(Window).openapi({ description: "by first event" }),
  pages: z.array(Page).openapi({ description: "in order of visit" }),
}).openapi("SessionDetail");
export type SessionDetail = z.infer<typeof SessionDetail>;

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}",
  tags: ["sessions"],
  summary: "One session with its windows and pages",
  request: { params: SessionParams },
  responses: {
    200: { description: "The session", content: { "application/json": { schema: SessionDetail } } },
    ...readRefusals,
  },
});

export function sessionRoute(services: Services) {
  return newRouter().openapi(route, async () => {
    throw new Error(String(services));
  });
}
