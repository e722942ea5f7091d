/**
 * Page views out of a recording.
 *
 * rrweb says where it is in a Meta event before every full snapshot: when recording starts, and again at each checkout,
 * where nobody went anywhere. The two look the same, and the facts of a batch may depend on nothing but the batch (they
 * are recomputed at every delivery, in any order). So the work is divided:
 *
 * 1. `pageViews`, pure over one batch, finds candidates and says of each of what kind it is.
 *    - A batch in which our recorder says where it goes (a custom event `rrhog.navigation`) has these and no others.
 *    - Else each Meta is one. Its kind is `load` where the page was surely loaded: directly after DomContentLoaded or
 *      Load, which rrweb emits once a page, or as the first thing in batch 0, where a recording starts.
 *    - Any other Meta is a `snapshot`: a checkout, or a page whose start lies in another batch.
 *    - What repeats the address before it in the batch, and is no load, is certainly nothing new and left out.
 * 2. `countedPageViews`, over a window's candidates in time order, drops those of step 1 that repeat the address before
 *    them and are no load. A checkout does; the first one of a recording whose beginning was lost does not, and counts.
 *
 * Readers of many sessions do step 2 in SQL: `kind = 'load' OR url != lagInFrame(url)` by session and window.
 */
import { z } from "zod";
import { EventType } from "#protocol/event.ts";
import { URL_LENGTH_MAX } from "#protocol/limits.ts";
import { given } from "./bounds.ts";
import { viewportsOf } from "./viewport.ts";

/** The custom event by which our recorder tells a load or a changed address. */
export const NAVIGATION_TAG = "rrhog.navigation";

export interface FactEvent {
  type: number;
  timestamp: number;
  data?: unknown;
}

export interface PageView {
  /** Place of the event in its batch. */
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  url: string;
  props: {
    kind: "load" | "push" | "replace" | "pop" | "hash" | "snapshot";
    title?: string;
    referrer?: string;
    width?: number;
    height?: number;
    utm_source?: string;
    utm_medium?: string;
    utm_campaign?: string;
    utm_term?: string;
    utm_content?: string;
  };
}

const PROP_LENGTH_MAX = 1_024;

const Address = z.string().transform((href) => href.slice(0, URL_LENGTH_MAX));
const Text = z
  .string()
  .transform((text) => text.slice(0, PROP_LENGTH_MAX))
  .optional()
  .catch(undefined);
const Pixels = z.number().optional().catch(undefined);

const Meta = z.object({ href: Address, width: Pixels, height: Pixels });

const Navigation = z.object({
  tag: z.literal(NAVIGATION_TAG),
  payload: z.object({
    href: Address,
    title: Text,
    referrer: Text,
    kind: z.enum(["load", "push", "replace", "pop", "hash"]).catch("load"),
  }),
});

/** @param batch.seq 0 is where a recording starts */
export function pageViews(batch: { seq: number; events: readonly FactEvent[] }): PageView[] {
  const navigations = navigated(batch.events);
  const candidates = navigations.length > 0 ? navigations : metas(batch);
  return countedPageViews(candidates);
}

/** Those that count, of the candidates of one window in time order. */
export function countedPageViews<V extends { url: string; props: { kind: string } }>(candidates: readonly V[]): V[] {
  return candidates.filter(({ url, props }, i) => props.kind === "load" || url !== candidates[i - 1]?.url);
}

function navigated(events: readonly FactEvent[]): PageView[] {
  const viewportAt = viewportsOf(events);
  return events.flatMap(({ type, timestamp, data }, idx) => {
    if (type !== EventType.Custom) return [];
    const navigation = Navigation.safeParse(data);
    if (!navigation.success) return [];
    const { href, title, referrer, kind } = navigation.data.payload;
    const props = { kind, ...given({ title, referrer }), ...viewportAt(idx), ...campaign(href) };
    return [{ idx, ts: timestamp, url: href, props }];
  });
}

function metas({ seq, events }: { seq: number; events: readonly FactEvent[] }): PageView[] {
  let loading = seq === 0;
  return events.flatMap(({ type, timestamp, data }, idx) => {
    if (type === EventType.DomContentLoaded || type === EventType.Load) loading = true;
    if (type === EventType.FullSnapshot || type === EventType.IncrementalSnapshot) loading = false;
    if (type !== EventType.Meta) return [];
    const meta = Meta.safeParse(data);
    if (!meta.success) return [];
    const { href, width, height } = meta.data;
    const kind = loading ? ("load" as const) : ("snapshot" as const);
    loading = false;
    return [{ idx, ts: timestamp, url: href, props: { kind, ...given({ width, height }), ...campaign(href) } }];
  });
}

const CAMPAIGN_KEYS = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"] as const;

function campaign(href: string): Partial<Record<(typeof CAMPAIGN_KEYS)[number], string>> {
  const query = URL.parse(href)?.searchParams;
  if (!query) return {};
  return Object.fromEntries(
    CAMPAIGN_KEYS.flatMap((key) => {
      const value = query.get(key)?.slice(0, PROP_LENGTH_MAX);
      return value ? [[key, value]] : [];
    }),
  );
}
