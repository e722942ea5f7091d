import { createRoute, z } from "@hono/zod-openapi";
import { SessionParams } from "../parameters.ts";
import { TimelineItem, timelineOf } from "../playback/timeline.ts";
import { sessionEvents } from "../queries/session-events.ts";
import { sessionOrNotFound, spanOf } from "../queries/sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

/** The site may track something before the recorder's first event and after its last; requests may be from before it. */
const BESIDE_MS = 30 * 60_000;

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/timeline",
  tags: ["playback"],
  summary: "What happened in a session, in time order",
  request: { params: SessionParams },
  responses: {
    200: {
      description:
        "Pages (loads and changed addresses), clicks, errors, console messages, requests, web vitals, custom events and " +
        "what else docs/facts.md lists; up to half an hour before and after the recording, " +
        "20,000 items or 16 MiB of details at most",
      content: { "application/json": { schema: z.object({ items: z.array(TimelineItem) }) } },
    },
    ...readRefusals,
  },
});

export function timelineRoute({ sql, clickhouse }: Services) {
  return newRouter().openapi(route, async (c) => {
    const { key, summary } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
    const { from, to } = spanOf(summary);
    const around = { from: from - BESIDE_MS, to: to + BESIDE_MS };
    const events = await sessionEvents(clickhouse, key, around, c.req.raw.signal);
    return c.json({ items: timelineOf(events, from) }, 200);
  });
}
