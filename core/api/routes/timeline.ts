import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { transcript } from "#core/facts/transcript.ts";
import { SessionParams } from "../parameters.ts";
import { TimelineItem, timelineOf } from "../playback/timeline.ts";
import { actorOf, recordWatched } from "../queries/audit.ts";
import { sessionEvents } from "../queries/session-events.ts";
import { sessionOrNotFound, spanOf } from "../queries/sessions.ts";
import { type ApiEnv, newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";
import { errorMapper } from "../source-maps/map-errors.ts";

/** The site may track something before the recorder's first event and after its last; requests may be from before it. */
const BESIDE_MS = 30 * 60_000;

const timelineRoute = createRoute({
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

const transcriptRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/transcript",
  tags: ["playback"],
  summary: "A session as plain text, a line for what the visitor did and what it led to",
  request: { params: SessionParams },
  responses: {
    200: {
      description: "The timeline's items in words; the same session gives the same text",
      content: {
        "text/plain": {
          schema: z.string().openapi({
            example: "00:09 click “Pay now” (#pay) → POST /api/pay 402 312 ms → text “Card declined” appeared\n",
          }),
        },
      },
    },
    ...readRefusals,
  },
});

export function timelineRoutes({ sql, clickhouse }: Services) {
  const mapErrors = errorMapper(sql);

  async function itemsOf(c: Context<ApiEnv>, sessionId: string): Promise<TimelineItem[]> {
    const { key, summary } = await sessionOrNotFound(sql, c.get("project"), sessionId);
    await recordWatched(sql, actorOf(c.get("caller")), {
      projectId: key.project_id,
      action: "session.opened",
      target: key.session_id,
    });
    const { from, to } = spanOf(summary);
    const around = { from: from - BESIDE_MS, to: to + BESIDE_MS };
    const items = timelineOf(await sessionEvents(clickhouse, key, around, c.req.raw.signal), from);
    return mapErrors(key.project_id, summary.release, items);
  }

  return newRouter()
    .openapi(timelineRoute, async (c) => c.json({ items: await itemsOf(c, c.req.valid("param").session_id) }, 200))
    .openapi(transcriptRoute, async (c) => c.text(transcript(await itemsOf(c, c.req.valid("param").session_id)), 200));
}
