/**
 * `POST /e`: custom events, beside a recording or without one. A session of which nothing is recorded is not listed; its
 * custom events are kept and counted all the same.
 */
import * as z from "zod";
import { ClientMs, RecordedUser, SessionId, WindowId } from "./batch.ts";
import { EVENT_NAME_LENGTH_MAX, URL_LENGTH_MAX } from "./limits.ts";

/** One custom event. Names that begin with `$` are those of facts that rrHog derives itself. */
export const AnalyticsEvent = z.looseObject({
  name: z.string().min(1).max(EVENT_NAME_LENGTH_MAX).regex(/^[^$]/, "does not begin with $"),
  /** The client's clock, ms. */
  ts: ClientMs,
  url: z.string().max(URL_LENGTH_MAX).nullish(),
  /**
   * Kept as they were sent, as far as ClickHouse's JSON type allows: nulls and empty objects within objects are as good
   * as absent, of names that come twice the last is kept, what lies very deep is kept as its text, and in an event of
   * more than 256 KiB numbers are doubles.
   */
  props: z.record(z.string(), z.unknown()).nullish(),
});
export type AnalyticsEvent = z.infer<typeof AnalyticsEvent>;

/** The body of `POST /e`. */
export const AnalyticsBatch = z.object({
  session_id: SessionId,
  window_id: WindowId.nullish(),
  user: RecordedUser.nullish(),
  project_write_key: z.string().max(256).nullish(),
  events: z.array(AnalyticsEvent).min(1),
});
export type AnalyticsBatch = z.infer<typeof AnalyticsBatch>;
