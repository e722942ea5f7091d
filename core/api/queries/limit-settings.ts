/** What a project takes from whom, and for how long it keeps it: docs/settings.md. The edge and the worker hold to it. */
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";

const ORIGINS_MAX = 100;
const RETENTION_DAYS_MAX = 3_650;
/** Above any traffic, and whole in every JSON. */
const COUNT_MAX = 1e15;

/** An origin as browsers send it, or all hosts below one. */
const Origin = z
  .string()
  .trim()
  .max(300)
  .toLowerCase()
  .regex(
    /^https?:\/\/(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::\d{1,5})?$/,
    "an origin, such as https://shop.example.com or https://*.example.com",
  );

const rate = z.number().positive("must be more than 0").max(COUNT_MAX).nullable();
const quota = z.int().min(0).max(COUNT_MAX).nullable();

export const LimitSettings = z
  .object({
    allowed_origins: z.array(Origin).max(ORIGINS_MAX).openapi({
      description: "whose pages may record: `https://shop.example.com`, `https://*.example.com`; empty for all",
    }),
    sample_rate: z.number().min(0).max(1).openapi({ description: "the part of sessions that is recorded" }),
    requests_per_second: rate.openapi({ description: "null: the edge's default" }),
    bytes_per_second: rate.openapi({ description: "null: the edge's default" }),
    quota_sessions_per_month: quota.openapi({ description: "null: none" }),
    quota_bytes_per_month: quota.openapi({ description: "null: none" }),
    retention_days: z.int().min(1).max(RETENTION_DAYS_MAX).openapi({
      description: "what is older is gone from every read at once, and from the tables within a day",
    }),
  })
  .openapi("LimitSettings");
export type LimitSettings = z.infer<typeof LimitSettings>;

export async function limitSettingsOf(sql: Sql, projectId: number): Promise<LimitSettings> {
  const [row] = await askPostgres(sql`
    SELECT allowed_origins, sample_rate, requests_per_second, bytes_per_second,
      quota_sessions_per_month::float8 AS quota_sessions_per_month,
      quota_bytes_per_month::float8 AS quota_bytes_per_month, retention_days
    FROM projects WHERE id = ${projectId}`);
  // Set by hand they may be other than what this route takes, and are shown all the same.
  return LimitSettings.extend({ allowed_origins: z.array(z.string()), retention_days: z.int() }).parse(row);
}

/** Sets what `change` names. */
export async function changeLimitSettings(
  sql: Sql,
  projectId: number,
  change: { [Name in keyof LimitSettings]?: LimitSettings[Name] | undefined },
): Promise<void> {
  const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  if (Object.keys(named).length > 0) await askPostgres(sql`UPDATE projects SET ${sql(named)} WHERE id = ${projectId}`);
}
