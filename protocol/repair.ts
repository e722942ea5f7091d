import * as z from "zod";
import { SessionId, WindowId } from "./batch.ts";
import { PROJECT_ID_MAX, TIMESTAMP_MS_MAX } from "./limits.ts";

/** A hint is of no use for longer: by then the recorder has taken a snapshot of its own, or is gone. */
export const REPAIR_HINT_MS = 60_000;

/**
 * What the worker asks a recorder for, by way of the relay that its next batch comes to (`repair.{region}`, subject.ts).
 * A hint: it is not stored anywhere and may be lost without harm, since no event depends on it.
 */
export const RepairHint = z.object({
  v: z.int().min(1),
  project_id: z.int().positive().max(PROJECT_ID_MAX),
  session_id: SessionId,
  window_id: WindowId,
  want: z.array(z.enum(["snapshot"])).min(1),
  /** The worker's clock, ms. */
  at: z.number().min(0).max(TIMESTAMP_MS_MAX),
});
export type RepairHint = z.infer<typeof RepairHint>;

/** How long a relay goes by it. The worker refuses each batch of the session in any case, and hints again. */
export const DELETED_HINT_MS = 24 * 60 * 60 * 1_000;

/** A batch of a deleted session came: by the same way, so that its recorder is told to begin another session. */
export const DeletedHint = z.object({
  v: z.int().min(1),
  project_id: z.int().positive().max(PROJECT_ID_MAX),
  session_id: SessionId,
  deleted: z.literal(true),
  /** The worker's clock, ms. */
  at: z.number().min(0).max(TIMESTAMP_MS_MAX),
});
export type DeletedHint = z.infer<typeof DeletedHint>;
