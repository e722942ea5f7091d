/** Parameters that several routes take. What comes in a URL is text; each schema says what it becomes. */
import { z } from "@hono/zod-openapi";
import { SessionId } from "#protocol/batch.ts";

const INT32_MAX = 2 ** 31 - 1;

/** A whole number in a URL, within bounds. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, "a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `from ${min} to ${max}`)
    .openapi({ type: "integer", minimum: min, maximum: max });
}

/** What people type to filter by. Postgres takes no U+0000 in text. */
export const text = z
  .string()
  .trim()
  .min(1)
  .max(512)
  .regex(/^[^\0]*$/, "no U+0000");

/** A parameter that may stand several times. */
export function repeated<One extends z.ZodType<unknown, string>>(one: One, max: number) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((texts) => [texts].flat())
    .pipe(z.array(one).max(max))
    .openapi({ type: "array", items: { type: "string" }, maxItems: max });
}

export const flag = z.enum(["true", "false"]).transform((value) => value === "true");

const projectId = wholeNumber(1, INT32_MAX).openapi({ param: { name: "project_id", in: "path" }, example: 1 });

export const ProjectParams = z.object({ project_id: projectId });
export const SessionParams = z.object({ project_id: projectId, session_id: SessionId });

/** Session time goes no further, ms. */
export const SESSION_MS_MAX = 366 * 24 * 3_600_000;

/** SHA-256, as assets are named. */
export const HASH = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");

/** A moment as ISO 8601, with its offset; a date alone is its midnight in UTC. */
export const Instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => new Date(text))
  .refine((date) => date.getUTCFullYear() >= 1971 && date.getUTCFullYear() < 2200, "a year from 1971 to 2199")
  .openapi({ type: "string", format: "date-time", example: "2026-11-23T00:00:00Z" });
