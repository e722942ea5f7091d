/** What happened in a session, out of its derived facts. Pure. */
import { z } from "@hono/zod-openapi";
import { countedPageViews } from "#core/facts/page-view.ts";
import type { SessionEvent } from "../queries/session-events.ts";

export const TimelineItem = z
  .object({
    at_ms: z.int().openapi({ description: "session time; below 0 for a custom event before the recording's first" }),
    type: z.string().openapi({ example: "$pageview", description: "a custom event's own name never begins with $" }),
    window_id: z.string(),
    page: z.string().optional().openapi({ description: "path of the page it happened on" }),
    text: z.string().optional(),
    selector: z.string().optional(),
    detail: z
      .record(z.string(), z.unknown())
      .optional()
      .openapi({ description: "of a custom event, its props: without nulls and empty objects" }),
  })
  .openapi("TimelineItem");
export type TimelineItem = z.infer<typeof TimelineItem>;

export const Page = z
  .object({
    at_ms: z.int().openapi({ description: "session time" }),
    window_id: z.string(),
    url: z.string(),
    path: z.string(),
    title: z.string().optional(),
  })
  .openapi("Page");
export type Page = z.infer<typeof Page>;

const Described = z.object({ text: z.string().optional(), selector: z.string().optional() }).catch({});
const PageViewProps = z.object({ kind: z.string(), title: z.string().optional().catch(undefined) });

/** @param startedAt corrected ms: session time 0 */
export function timelineOf(events: readonly SessionEvent[], startedAt: number): TimelineItem[] {
  const counted = new Set(pageViewsOf(events).map(({ event }) => event));
  return events
    .filter((event) => event.event_name !== "$pageview" || counted.has(event))
    .map((event) => {
      const page = pathOf(event.url);
      const item = {
        at_ms: event.ts - startedAt,
        type: event.event_name,
        window_id: event.window_id,
        ...(page !== "" && { page }),
      };
      if (!event.event_name.startsWith("$")) return { ...item, detail: event.props };
      const { text, selector, ...detail } = event.props;
      return { ...item, ...Described.parse({ text, selector }), detail: { url: event.url, ...detail } };
    });
}

/** The pages of a session in order of visit: loads and changed addresses; a mere checkout is none. */
export function pagesOf(events: readonly SessionEvent[], startedAt: number): Page[] {
  return pageViewsOf(events).map(({ event: { ts, window_id, url }, props: { title } }) => ({
    at_ms: ts - startedAt,
    window_id,
    url,
    path: pathOf(url),
    ...(title !== undefined && { title }),
  }));
}

/** In time order, as `events` are. Which of the candidates count is settled window by window. */
function pageViewsOf(events: readonly SessionEvent[]) {
  const candidates = events.flatMap((event) => {
    if (event.event_name !== "$pageview") return [];
    const props = PageViewProps.safeParse(event.props);
    return props.success ? [{ event, url: event.url, props: props.data }] : [];
  });
  return [...Map.groupBy(candidates, ({ event }) => event.window_id).values()]
    .flatMap((ofWindow) => countedPageViews(ofWindow))
    .sort((a, b) => a.event.ts - b.event.ts);
}

function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? "";
}
