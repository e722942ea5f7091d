import { z } from "@hono/zod-openapi";
import { Instant, wholeNumber } from "../parameters.ts";

const DURATION_MS_MAX = 366 * 24 * 3_600_000;
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const text = z.string().trim().min(1).max(512);

export const SessionFilters = z.object({
  from: Instant.optional().openapi({ description: "started at or after" }),
  to: Instant.optional().openapi({ description: "started before" }),
  user: text.optional().openapi({ description: "id or e-mail contains this, ignoring case" }),
  url: text.optional().openapi({ description: "first, last or any path visited contains this, ignoring case" }),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, "two letters (ISO 3166-1)")
    .toUpperCase()
    .optional(),
  browser: text.optional().openapi({ description: "name, ignoring case", example: "Firefox" }),
  os: text.optional().openapi({ description: "name, ignoring case" }),
  device: text.optional().openapi({ description: "desktop, mobile or tablet" }),
  min_duration_ms: wholeNumber(0, DURATION_MS_MAX).optional(),
  max_duration_ms: wholeNumber(0, DURATION_MS_MAX).optional(),
  has_errors: flag.optional(),
  complete: flag.optional(),
});
export type SessionFilters = z.infer<typeof SessionFilters>;

/** One session as lists show it. Times are UTC; `duration_ms` is from its first event to its last. */
export const SessionSummary = z
  .object({
    session_id: z.string(),
    started_at: z.iso.datetime(),
    ended_at: z.iso.datetime(),
    duration_ms: z.int(),
    event_count: z.int(),
    batch_count: z.int(),
    window_count: z.int(),
    pageview_count: z.int(),
    error_count: z.int(),
    user_id: z.string().nullable(),
    user_email: z.string().nullable(),
    first_url: z.string().nullable(),
    paths: z.array(z.string()).openapi({ description: "in order of visit" }),
    complete: z.boolean().nullable().openapi({ description: "null where the recorder does not tell" }),
    incomplete_why: z.string().nullable(),
    browser: z.string().nullable(),
    os: z.string().nullable(),
    device: z.string().nullable(),
    country: z.string().nullable(),
    activity: z.array(z.int()).openapi({ description: "events in each of up to 40 equal stretches" }),
  })
  .openapi("SessionSummary");
export type SessionSummary = z.infer<typeof SessionSummary>;
