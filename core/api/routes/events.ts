import { createRoute, z } from "@hono/zod-openapi";
import { WindowId } from "#protocol/batch.ts";
import { cursorText, SessionParams, wholeNumber } from "../parameters.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

/** As many events as one JSON answer may hold, and what it holds where no `limit` is given. */
const LIMIT_MAX = 50_000;

const SESSION_MS_MAX = 366 * 24 * 3_600_000;

const RrwebEvent = z
  .looseObject({ type: z.int(), timestamp: z.number(), data: z.unknown() })
  .openapi("RrwebEvent", { description: "exactly the JSON that was sent" });

const EventsPage = z.object({ events: z.array(RrwebEvent), next_cursor: z.string().nullable() }).openapi("EventsPage");

const query = z.object({
  window_id: WindowId.optional().openapi({ description: "only this window; all of them in turn where absent" }),
  from: wholeNumber(0, SESSION_MS_MAX).optional().openapi({
    description: "ms of session time: the answer begins at the last full snapshot at or before it",
  }),
  to: wholeNumber(0, SESSION_MS_MAX).optional().openapi({ description: "ms of session time, inclusive" }),
  limit: wholeNumber(1, LIMIT_MAX).optional(),
  cursor: cursorText.optional(),
});

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/events",
  tags: ["playback"],
  summary: "rrweb events in play order, each once",
  description:
    "JSON in pages, or with `Accept: application/x-ndjson` one event a line until the end. " +
    "A JSON page ends at `limit` events or at 32 MiB, whichever comes first.",
  request: { params: SessionParams, query },
  responses: {
    200: {
      description: "The events; `X-RRHog-Windows` lists the windows in the order in which they follow one another.",
      headers: {
        "X-RRHog-Windows": { schema: { type: "string" }, description: "JSON array of window ids" },
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

export function eventsRoute(services: Services) {
  return newRouter().openapi(route, async () => {
    throw new Error(String(services));
  });
}
