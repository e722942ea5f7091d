import { z } from "zod";
import { WindowId } from "#protocol/batch.ts";
import { toCursor } from "../cursor.ts";
import type { PlayedEvent } from "./read-events.ts";

const Whole = z.int().min(0);

/**
 * A place in a session's playback: the last event given, by its window and the place of its batch there. It holds on to
 * the place and not to a count, so that a batch which comes late before it shifts nothing.
 */
export const PlayCursor = z
  .tuple([WindowId, Whole, z.guid(), Whole, z.number()])
  .transform(([window_id, seq, batch_id, idx, first_ts]) => ({ window_id, seq, batch_id, idx, first_ts }));
export type PlayCursor = z.infer<typeof PlayCursor>;

export function cursorAfter({ batch, idx }: PlayedEvent): string {
  return toCursor([batch.window_id, batch.seq, batch.batch_id, idx, batch.first_ts]);
}
