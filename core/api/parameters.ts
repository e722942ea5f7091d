/** Parameters that several routes take. What comes in a URL is text; each schema says what it becomes. */
import { z } from "@hono/zod-openapi";
import { SessionId } from "#protocol/batch.ts";
import { USER_ID_LENGTH_MAX } from "#protocol/limits.ts";

/** The longest time of a session that anything may be asked of. */
export const SESSION_MS_MAX = 366 * 24 * 3_600_000;

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

/** Postgres takes no U+0000 in text. */
export const storableText = z.string().regex(/^[^\0]*$/, "no U+0000");

/** What people write. */
export function prose(lengthMax: number) {
  return storableText.trim().min(1, "must not be empty").max(lengthMax, `at most ${lengthMax} characters`);
}

/** What people type to filter by. */
export const text = prose(512);

/** A parameter that may stand several times. */
export function repeated<One extends z.ZodType<unknown, string>>(one: One, max: number) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((texts) => [texts].flat())
    .pipe(z.array(one).max(max))
    .openapi({ type: "array", items: { type: "string" }, maxItems: max });
}

/** In examples, which run in documented-examples.test.ts. */
export const EXAMPLE_SESSION = "0195a000-0000-7000-8000-000000000001";

/** Sessions in a body, each once. */
export const SessionIds = z
  .array(SessionId)
  .min(1)
  .max(1_000)
  .transform((ids) => [...new Set(ids)])
  .openapi({ example: [EXAMPLE_SESSION] });

/** A moment of a session in a body. */
export const SessionMs = z
  .int()
  .min(0)
  .max(SESSION_MS_MAX)
  .openapi({ description: "ms of session time", example: 1_500 });

export const flag = z.enum(["true", "false"]).transform((value) => value === "true");

const projectId = wholeNumber(1, INT32_MAX).openapi({ param: { name: "project_id", in: "path" }, example: 1 });

export const ProjectParams = z.object({ project_id: projectId });
export const SessionParams = z.object({
  project_id: projectId,
  // A copy: protocol/ may have made it before schemas knew of OpenAPI.
  session_id: SessionId.clone().openapi({ example: EXAMPLE_SESSION }),
});

/** SHA-256, as assets are named. */
export const HASH = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");

/** As a site names its visitor: nothing is trimmed off, since it is compared exactly. */
export const AnyUserId = storableText.max(USER_ID_LENGTH_MAX);

/** The same as an address holds it in its path. */
export const UserId = AnyUserId.min(1);

/** A moment of Postgres as the API gives it. */
export const isoDate = z.date().transform((date) => date.toISOString());

/** A moment of Postgres in a cursor, to its microsecond. Postgres has no year 0. */
export const Moment = z.iso.datetime({ precision: 6 }).refine((text) => !text.startsWith("0000"), "a year from 1 on");

/** A moment as ISO 8601, with its offset; a date alone is its midnight in UTC. */
export const Instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => new Date(text))
  .refine((date) => date.getUTCFullYear() >= 1971 && date.getUTCFullYear() < 2200, "a year from 1971 to 2199")
  .openapi({ type: "string", format: "date-time", example: "2026-11-23T00:00:00Z" });

/** Where a period ends that begins at an instant: exclusive. */
export const End = Instant.openapi({ example: "2026-11-24T00:00:00Z" });
