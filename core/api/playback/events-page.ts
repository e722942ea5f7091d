import { z } from "@hono/zod-openapi";

/** What one JSON answer holds at most, of events and of payload. It is streamed, so this bounds the caller's memory. */
export const PAGE_MAX = { events: 50_000, bytes: 32 * 1024 * 1024 };

const RrwebEvent = z
  .looseObject({ type: z.int(), timestamp: z.number(), data: z.unknown() })
  .openapi("RrwebEvent", { description: "exactly the JSON that was sent" });

export const EventsPage = z
  .object({ events: z.array(RrwebEvent), next_cursor: z.string().nullable() })
  .openapi("EventsPage");
