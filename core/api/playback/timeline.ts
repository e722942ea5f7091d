/** What happened in a session, out of its derived facts. Pure. */
import { z } from "@hono/zod-openapi";
import { given } from "#core/facts/bounds.ts";
import { countedIdentities } from "#core/facts/identify.ts";
import { countedPageViews } from "#core/facts/page-view.ts";
import type { SessionEvent } from "../queries/session-events.ts";
import { itemText } from "./item-text.ts";

export const TimelineItem = z
  .object({
    at_ms: z.int().openapi({
      description:
        "session time; below 0 for what happened before the recording's first event: a request, a custom event",
    }),
    type: z.string().openapi({
      example: "$click",
      description: "kind of fact (docs/facts.md); a custom event's own name never begins with $",
    }),
    window_id: z.string(),
    page: z.string().optional().openapi({ description: "path of the page it happened on" }),
    text: z.string().optional().openapi({
      example: "Pay now",
      description:
        "of a click what was clicked, of a message what it says, of an error `name: message`, of a request `method path status`",
    }),
    selector: z.string().optional().openapi({ example: "#pay", description: "the element, where it is known" }),
    detail: z.record(z.string(), z.unknown()).optional().openapi({
      description:
        "the fact's other props, and `url`: of a request its address, else the page's. Of a custom event, its props: without nulls and empty objects. Of an error whose release has source maps, `mapped`: for each line of `stack` null or { function?, source, line, column, context?: { first_line, lines } }",
    }),
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

const Selector = z.string().optional().catch(undefined);
const PageViewProps = z.object({ kind: z.string(), title: z.string().optional().catch(undefined) });

/** Of these a batch has candidates, and the session says which of them count. */
const CANDIDATES = new Set(["$pageview", "$identify"]);

/** @param startedAt corrected ms: session time 0 */
export function timelineOf(events: readonly SessionEvent[], startedAt: number): TimelineItem[] {
  const counted = new Set([
    ...pageViewsOf(events).map(({ event }) => event),
    ...countedIdentities(events.filter(({ event_name }) => event_name === "$identify")),
  ]);
  const lastUrl = new Map<string, string>();
  return events
    .filter((event) => !CANDIDATES.has(event.event_name) || counted.has(event))
    .map((event) => {
      // A batch may not know where its first events were: then it is where the window was last.
      const url = event.url || (lastUrl.get(event.window_id) ?? "");
      if (event.event_name === "$pageview") lastUrl.set(event.window_id, url);
      const page = pathOf(event.event_name.startsWith("$") ? url : event.url);
      const item = {
        at_ms: event.ts - startedAt,
        type: event.event_name,
        window_id: event.window_id,
        ...(page !== "" && { page }),
      };
      if (!event.event_name.startsWith("$")) return { ...item, detail: event.props };
      const { text: _, selector, ...detail } = event.props;
      const described = { text: itemText(event.event_name, event.props), selector: Selector.parse(selector) };
      return { ...item, ...given(described), detail: { url, ...detail } };
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
