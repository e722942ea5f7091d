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

/** What an incremental snapshot tells of (rrweb 2, `IncrementalSource` in @rrweb/types). */
export const IncrementalSource = {
  Mutation: 0,
  MouseMove: 1,
  MouseInteraction: 2,
  Scroll: 3,
  ViewportResize: 4,
  Input: 5,
  TouchMove: 6,
  MediaInteraction: 7,
  StyleSheetRule: 8,
  CanvasMutation: 9,
  Font: 10,
  Drag: 12,
  StyleDeclaration: 13,
  Selection: 14,
  AdoptedStyleSheet: 15,
} as const;

/** Of a mouse interaction (rrweb 2, `MouseInteractions`). */
export const MouseInteraction = { Click: 2 } as const;

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
