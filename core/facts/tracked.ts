/**
 * What a site says in its own words: `rrhog.track` of our recorder under the event's name, and rrweb's custom events of
 * other clients (`record.addCustomEvent`) under their tag. Tags of our recorder's own are none of the site's, and a name
 * that begins with `$` would pass for a fact.
 */
import { z } from "zod";
import { AnalyticsEvent } from "#protocol/analytics.ts";
import { EventType } from "#protocol/event.ts";
import type { FactEvent } from "./page-view.ts";
import { customPayload, OWN_TAGS } from "./recorded-event.ts";

export interface Tracked {
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  name: string;
  /** As they were sent; what is no object is the member `payload`. */
  props: Record<string, unknown>;
}

const Name = AnalyticsEvent.shape.name;
const Track = z.object({ name: Name, properties: z.unknown().optional() });
const Tag = z.object({ tag: Name.refine((tag) => !tag.startsWith(OWN_TAGS)), payload: z.unknown().optional() });

export function tracked(events: readonly FactEvent[]): Tracked[] {
  return events.flatMap((event, idx) => {
    if (event.type !== EventType.Custom) return [];
    const own = customPayload(event, "rrhog.track", Track);
    const foreign = own ? undefined : Tag.safeParse(event.data).data;
    const name = own?.name ?? foreign?.tag;
    if (name === undefined) return [];
    return [{ idx, ts: event.timestamp, name, props: asProps(own ? own.properties : foreign?.payload) }];
  });
}

function asProps(payload: unknown): Record<string, unknown> {
  if (payload === undefined || payload === null) return {};
  if (typeof payload === "object" && !Array.isArray(payload)) return payload as Record<string, unknown>;
  return { payload };
}
