/** How facts are found in rrweb's events: the few kinds that tell any, and what lies in them. */
import type { z } from "zod";
import { EventType, IncrementalSource, MouseInteraction } from "#protocol/event.ts";
import type { FactEvent } from "./page-view.ts";

/** Custom events of our recorder; the names of others are their sites'. */
export const OWN_TAGS = "rrhog.";

/** Of any recorder: sdk/README.md. */
export const CONSOLE_PLUGIN = "rrweb/console@1";
export const NETWORK_PLUGIN = "rrweb/network@1";

/**
 * Whether facts are read from an event's data. Of the others nothing need be kept: mutations and mouse moves are the
 * bulk of a recording, and their source alone says so.
 *
 * @param data as parsed, of whatever shape
 */
export function tellsFacts(type: number, data: unknown): boolean {
  if (type === EventType.Meta || type === EventType.Custom) return true;
  if (typeof data !== "object" || data === null) return false;
  if (type === EventType.IncrementalSnapshot) {
    const { source, type: interaction } = data as { source?: unknown; type?: unknown };
    if (source === IncrementalSource.MouseInteraction) return interaction === MouseInteraction.Click;
    return source === IncrementalSource.ViewportResize;
  }
  if (type !== EventType.Plugin) return false;
  const { plugin } = data as { plugin?: unknown };
  return plugin === CONSOLE_PLUGIN || plugin === NETWORK_PLUGIN;
}

/** The data of an incremental snapshot of that source; null for any other event. Cheap: it is asked of each. */
export function incrementalData({ type, data }: FactEvent, source: number): object | null {
  if (type !== EventType.IncrementalSnapshot || typeof data !== "object" || data === null) return null;
  return (data as { source?: unknown }).source === source ? data : null;
}

/** The payload of a custom event of that tag; null for any other, and for one that is not of the schema. */
export function customPayload<T>({ type, data }: FactEvent, tag: string, schema: z.ZodType<T>): T | null {
  return type === EventType.Custom ? payloadOf(data, "tag", tag, schema) : null;
}

/** Likewise of a plugin's event. */
export function pluginPayload<T>({ type, data }: FactEvent, plugin: string, schema: z.ZodType<T>): T | null {
  return type === EventType.Plugin ? payloadOf(data, "plugin", plugin, schema) : null;
}

function payloadOf<T>(data: unknown, member: "tag" | "plugin", name: string, schema: z.ZodType<T>): T | null {
  if (typeof data !== "object" || data === null) return null;
  const named = data as { tag?: unknown; plugin?: unknown; payload?: unknown };
  if (named[member] !== name) return null;
  const payload = schema.safeParse(named.payload);
  return payload.success ? payload.data : null;
}

/** Longer ago than this nothing is told that happened on the page. */
const TOLD_WITHIN_MS = 3_600_000;

/**
 * When a thing was that an event tells of later: by the page's own word, where that can be.
 *
 * @param happened ms since 1970, by the page's monotonic clock, which sleep and a changed clock part from the event's
 */
export function momentOf({ timestamp }: FactEvent, happened: number | undefined): number {
  if (happened === undefined || happened > timestamp || happened < timestamp - TOLD_WITHIN_MS) return timestamp;
  return happened;
}
