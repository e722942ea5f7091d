import * as z from "zod";
import { TIMESTAMP_MS_MAX } from "./limits.ts";

/** rrweb's own event types (rrweb 2, `EventType` in @rrweb/types). */
export const EventType = {
  DomContentLoaded: 0,
  Load: 1,
  FullSnapshot: 2,
  IncrementalSnapshot: 3,
  Meta: 4,
  Custom: 5,
  Plugin: 6,
} as const;

/**
 * One rrweb event, as far as rrHog relies on it: the kind, the client's ms clock, and whatever the recorder put beside.
 * Unknown types pass, so that a newer recorder loses nothing to an older edge.
 */
export const RrwebEvent = z.looseObject({
  type: z.int().min(0).max(255),
  timestamp: z.number().min(0).max(TIMESTAMP_MS_MAX),
  data: z.unknown().optional(),
});
export type RrwebEvent = z.infer<typeof RrwebEvent>;
