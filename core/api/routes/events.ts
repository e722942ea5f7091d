import { createRoute, z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { WindowId } from "#protocol/batch.ts";
import { cursorOf } from "../cursor.ts";
import { SESSION_MS_MAX, SessionParams, wholeNumber } from "../parameters.ts";
import { PlayCursor } from "../playback/cursor.ts";
import { etagOf, isUnchanged } from "../playback/etag.ts";
import { EventsPage, PAGE_MAX } from "../playback/events-page.ts";
import { KeptAssets } from "../playback/kept-assets.ts";
import { playStretch, windowsAsked } from "../playback/play-stretch.ts";
import { jsonPage, ndjson, streamOf } from "../playback/render.ts";
import { playOrderOf } from "../queries/attempts.ts";
import { actorOf, recordWatched } from "../queries/audit.ts";
import { sessionOrNotFound, spanOf } from "../queries/sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";
import { asTyped } from "../typed-stream.ts";

/** Header space is small; a session with more windows than fit lists them all in its own route. */
const WINDOWS_HEADER_MAX = 4_096;

const query = z.object({
  window_id: WindowId.optional().openapi({ description: "only this window; all of them in turn where absent" }),
  from: wholeNumber(0, SESSION_MS_MAX).optional().openapi({
    description: "ms of session time: the answer begins at the last full snapshot at or before it",
  }),
  to: wholeNumber(0, SESSION_MS_MAX).optional().openapi({ description: "ms of session time, inclusive" }),
  limit: wholeNumber(1, PAGE_MAX.events).optional(),
  cursor: cursorOf(PlayCursor).optional(),
  assets: z
    .enum(["kept"])
    .optional()
    .openapi({
      description:
        "for a player: addresses of this API stand in the place of those of kept images and fonts, and kept stylesheets " +
        "as text in the place of their links. Without it events are exactly what was sent",
    }),
});

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/events",
  tags: ["playback"],
  summary: "rrweb events in play order, each once",
  description:
    "JSON in pages of at most `limit` events (50,000 where absent) or 32 MiB, whichever comes first; " +
    "with `Accept: application/x-ndjson` one event a line, until the end or `limit`.",
  request: { params: SessionParams, query },
  responses: {
    200: {
      description: "The events",
      headers: {
        "X-RRHog-Windows": {
          schema: { type: "string" },
          description: "the windows in the order in which they follow one another: ids, percent-encoded, by commas",
        },
        ETag: { schema: { type: "string" } },
      },
      content: {
        "application/json": { schema: EventsPage },
        "application/x-ndjson": { schema: { type: "string", description: "one RrwebEvent a line" } },
      },
    },
    304: { description: "Nothing changed since the answer with this ETag" },
    ...readRefusals,
  },
});

export function eventsRoute({ sql, clickhouse }: Services) {
  return newRouter().openapi(route, async (c) => {
    const asked = c.req.valid("query");
    const { key, epoch, summary } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
    await recordWatched(sql, actorOf(c.get("caller")), {
      projectId: key.project_id,
      action: "session.played",
      target: key.session_id,
    });
    const order = await playOrderOf(clickhouse, key, c.req.raw.signal);
    const windows = windowsAsked(order, asked.window_id);
    const kept = asked.assets && (await KeptAssets.of(sql, key, spanOf(summary).from));
    const type = accepts(c, { header: "Accept", supports: TYPES, default: JSON_TYPE });
    const headers = {
      "content-type": type,
      "cache-control": "private, no-cache",
      etag: etagOf(windows, epoch, kept ? `${type} ${kept.fingerprint}` : type),
      vary: "Accept",
      "x-rrhog-windows": windowsHeader(windows.map(({ window_id }) => window_id)),
    };
    if (isUnchanged(c.req.header("if-none-match"), headers.etag)) return c.body(null, 304, headers);

    const leave = new AbortController();
    const caller = AbortSignal.any([c.req.raw.signal, leave.signal]);
    const source = { clickhouse, session: key, caller };
    const stretch = playStretch(source, { start_ts: order.start_ts, windows }, asked);
    const events = kept ? kept.inEvents(stretch.events) : stretch.events;
    const lines = kept ? ndjson(events) : stretch.lines;
    const pieces = type === JSON_TYPE ? jsonPage(events, stretch.parts, PAGE_MAX) : lines;
    const body = await streamOf(pieces, () => leave.abort());
    return asTyped(c.body(body, 200, headers));
  });
}

const JSON_TYPE = "application/json";
const TYPES = [JSON_TYPE, "application/x-ndjson"];

function windowsHeader(ids: readonly string[]): string {
  const list = ids.map(encodeURIComponent).join(",");
  return list.length <= WINDOWS_HEADER_MAX ? list : list.slice(0, list.lastIndexOf(",", WINDOWS_HEADER_MAX));
}
