import { createRoute, z } from "@hono/zod-openapi";
import { playGaps } from "#core/facts/play-gap.ts";
import type { PlayWindow } from "#core/facts/play-order.ts";
import { SessionParams } from "../parameters.ts";
import { Page, pagesOf } from "../playback/timeline.ts";
import { playOrderOf } from "../queries/attempts.ts";
import { actorOf, recordWatched } from "../queries/audit.ts";
import { sessionPageViews } from "../queries/session-events.ts";
import { SessionSummary, sessionOrNotFound, spanOf } from "../queries/sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

/** One tab's life. Its times are on the recorded browser's own clock, in ms, as in rrweb's `timestamp`. */
const Window = z
  .object({
    window_id: z.string().openapi({ description: "'' for recorders that do not know windows" }),
    first_ts: z.int(),
    last_ts: z.int(),
    event_count: z.int().openapi({ description: "of those that play: conflicts apart" }),
    first_url: z.string().nullable(),
    full_snapshots: z.array(z.int()).openapi({ description: "where playback can begin" }),
    gaps: z.array(z.object({ first_seq: z.int(), last_seq: z.int(), from_ts: z.int(), to_ts: z.int() })).openapi({
      description:
        "batches that are missing between others, and from when to when the page is therefore not known: to the next " +
        "full snapshot, or the window's end",
    }),
  })
  .openapi("Window");

const SessionDetail = SessionSummary.extend({
  start_ts: z.int().openapi({
    description: "session time 0 on the recorded browser's clock: session time = an event's timestamp - start_ts",
  }),
  windows: z.array(Window).openapi({ description: "by first event" }),
  pages: z.array(Page).openapi({ description: "in order of visit" }),
}).openapi("SessionDetail");

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

export function sessionRoute({ sql, clickhouse }: Services) {
  return newRouter().openapi(route, async (c) => {
    const { key, summary } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
    await recordWatched(sql, actorOf(c.get("caller")), {
      projectId: key.project_id,
      action: "session.opened",
      target: key.session_id,
    });
    const span = spanOf(summary);
    const [order, pageViews] = await Promise.all([
      playOrderOf(clickhouse, key, c.req.raw.signal),
      sessionPageViews(clickhouse, key, span, c.req.raw.signal),
    ]);
    const { start_ts, windows } = order;
    const pages = pagesOf(pageViews, span.from);
    return c.json({ ...summary, start_ts, windows: windows.map(describe), pages }, 200);
  });
}

function describe(window: PlayWindow): z.infer<typeof Window> {
  const { window_id, first_ts, last_ts, event_count, batches } = window;
  return {
    window_id,
    first_ts,
    last_ts,
    event_count,
    first_url: batches.find(({ url }) => url !== "")?.url ?? null,
    full_snapshots: batches.flatMap(({ full_snapshot_ts }) => full_snapshot_ts),
    gaps: playGaps(window),
  };
}
