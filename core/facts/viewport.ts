/**
 * The viewport: rrweb tells its size in the Meta event of each full snapshot, which is with the page view, and when it
 * changes, which is a `$resize`. So at any moment it is that of the last of these two.
 */
import { z } from "zod";
import { EventType, IncrementalSource } from "#protocol/event.ts";
import { lastAtOrBefore } from "./bounds.ts";
import type { FactEvent } from "./page-view.ts";
import { incrementalData } from "./recorded-event.ts";

/** CSS px */
export interface Viewport {
  width: number;
  height: number;
}

export interface Resize {
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  props: Viewport;
}

/** A window that is dragged larger tells each step: so much later the next one is another resize. */
const ONE_DRAG_MS = 1_000;

const Size = z.object({ width: z.number(), height: z.number() });

/** Of a drag the last step. */
export function resizes(events: readonly FactEvent[]): Resize[] {
  const steps = events.flatMap((event, idx) => {
    const size = resized(event);
    return size ? [{ idx, ts: event.timestamp, props: size }] : [];
  });
  return steps.filter(({ ts }, i) => (steps[i + 1]?.ts ?? Number.POSITIVE_INFINITY) - ts > ONE_DRAG_MS);
}

/** The viewport at a place of the batch: as last told up to there, else as first told after; undefined if it never is. */
export function viewportsOf(events: readonly FactEvent[]): (idx: number) => Viewport | undefined {
  const told = events.flatMap((event, idx) => {
    const size = event.type === EventType.Meta ? Size.safeParse(event.data).data : resized(event);
    return size ? [{ idx, size }] : [];
  });
  return (idx) => (lastAtOrBefore(told, idx) ?? told[0])?.size;
}

function resized(event: FactEvent): Viewport | undefined {
  const data = incrementalData(event, IncrementalSource.ViewportResize);
  return data ? Size.safeParse(data).data : undefined;
}
