/** Which of a project's sessions a list is of: what the caller asks for, and what is left out unless it is asked for. */
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { EVENT_NAME_LENGTH_MAX } from "#protocol/limits.ts";
import { flag, Instant, text, UserId, wholeNumber } from "../parameters.ts";
import type { Project } from "./projects.ts";

const DURATION_MS_MAX = 366 * 24 * 3_600_000;

export const SessionFilters = z.object({
  from: Instant.optional().openapi({ description: "started at or after" }),
  to: Instant.optional().openapi({ description: "started before" }),
  user: text.optional().openapi({ description: "id or e-mail contains this, ignoring case" }),
  url: text.optional().openapi({ description: "first or last URL, or a path visited contains this, ignoring case" }),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, "two letters (ISO 3166-1)")
    .toUpperCase()
    .optional(),
  browser: text.optional().openapi({ description: "name, ignoring case", example: "Firefox" }),
  os: text.optional().openapi({ description: "name, ignoring case" }),
  device: text.optional().openapi({ description: "kind of device, ignoring case", example: "mobile" }),
  min_duration_ms: wholeNumber(0, DURATION_MS_MAX).optional(),
  max_duration_ms: wholeNumber(0, DURATION_MS_MAX).optional(),
  has_errors: flag.optional().openapi({ description: "errors that nobody caught" }),
  has_console_errors: flag.optional(),
  has_failed_requests: flag.optional(),
  has_rage_clicks: flag.optional(),
  has_dead_clicks: flag.optional(),
  min_active_ms: wholeNumber(0, DURATION_MS_MAX).optional(),
  event: z
    .string()
    .min(1)
    .max(EVENT_NAME_LENGTH_MAX)
    .optional()
    .openapi({ description: "has an event of this name: a custom event, or a fact such as $click", example: "bought" }),
  release: text.optional().openapi({ description: "the site's version, exactly" }),
  complete: flag.optional(),
  person: UserId.optional().openapi({ description: "shows the person of exactly this id, alone or with others" }),
  watched: z.enum(["me", "nobody", "anyone"]).optional().openapi({
    description: "by the signed-in person, by nobody of the project, or by anyone of it",
  }),
  collection: z.guid().optional().openapi({ description: "in the collection of this id" }),
  bots: z
    .enum(["hide", "include", "only"])
    .default("hide")
    .openapi({ description: "sessions of crawlers. Headless browsers, which run tests, are listed" }),
  internal: z.enum(["auto", "hide", "include", "only"]).default("auto").openapi({
    description:
      "sessions of localhost, staging and the project's own hosts (docs/facts.md). `auto` hides them once visitors of other hosts have come, unless the settings of its lists say otherwise",
  }),
});
export type SessionFilters = z.infer<typeof SessionFilters> & {
  /** The signed-in person who asks: whom `watched=me` means. */
  me?: string | undefined;
};

/** What lists leave out can be known by these two columns alone, for which there is an index. */
export function countedAsHidden(sql: Sql) {
  return sql`(is_internal OR bot = 'crawler')`;
}

/** Whether a list with these filters leaves a session out. The questions of `auto` are asked once for a list. */
export function isHidden(sql: Sql, { id }: Pick<Project, "id">, { bots, internal }: SessionFilters) {
  const crawlers = bots === "hide" ? sql`bot IS NOT DISTINCT FROM 'crawler'` : sql`false`;
  if (internal === "hide") return sql`(${crawlers} OR is_internal)`;
  if (internal !== "auto") return sql`(${crawlers})`;
  return sql`(${crawlers} OR is_internal
    AND (SELECT p.hide_internal FROM projects p WHERE p.id = ${id})
    AND EXISTS (SELECT FROM sessions_meta o WHERE o.project_id = ${id} AND o.batch_count > 0
      AND NOT o.is_internal AND o.bot IS NULL))`;
}

/** @param among only these sessions, where given */
export function matching(sql: Sql, filters: SessionFilters, among: readonly string[] | undefined) {
  const { from, to, user, url, country, browser, os, device, min_duration_ms, max_duration_ms } = filters;
  const lasts = sql`ended_at - started_at`;
  return [
    from && sql`started_at >= ${from}`,
    to && sql`started_at < ${to}`,
    user && sql`(user_id ILIKE ${containing(user)} OR user_email ILIKE ${containing(user)})`,
    url &&
      sql`(first_url ILIKE ${containing(url)} OR last_url ILIKE ${containing(url)}
        OR EXISTS (SELECT FROM unnest(paths) AS path WHERE path ILIKE ${containing(url)}))`,
    country && sql`country = ${country}`,
    browser && sql`lower(browser) = lower(${browser})`,
    os && sql`lower(os) = lower(${os})`,
    device && sql`lower(device) = lower(${device})`,
    min_duration_ms !== undefined && sql`${lasts} >= ${min_duration_ms} * interval '1 millisecond'`,
    max_duration_ms !== undefined && sql`${lasts} <= ${max_duration_ms} * interval '1 millisecond'`,
    filters.has_errors !== undefined && sql`(error_count > 0) = ${filters.has_errors}`,
    filters.has_console_errors !== undefined && sql`(console_error_count > 0) = ${filters.has_console_errors}`,
    filters.has_failed_requests !== undefined && sql`(request_failed_count > 0) = ${filters.has_failed_requests}`,
    filters.has_rage_clicks !== undefined && sql`(rage_click_count > 0) = ${filters.has_rage_clicks}`,
    filters.has_dead_clicks !== undefined && sql`(dead_click_count > 0) = ${filters.has_dead_clicks}`,
    filters.min_active_ms !== undefined && sql`active_ms >= ${filters.min_active_ms}`,
    filters.release && sql`release = ${filters.release}`,
    filters.bots === "only" && sql`bot = 'crawler'`,
    filters.internal === "only" && sql`is_internal`,
    among && sql`session_id = ANY(${among}::uuid[])`,
    filters.person &&
      sql`(project_id, session_id) IN (SELECT p.project_id, p.session_id FROM session_people p WHERE p.user_id = ${filters.person})`,
    filters.watched && isWatched(sql, filters.watched, filters.me),
    filters.collection &&
      sql`EXISTS (SELECT FROM collection_sessions c WHERE c.collection_id = ${filters.collection}
        AND c.project_id = sessions_meta.project_id AND c.session_id = sessions_meta.session_id)`,
    filters.complete !== undefined && sql`complete = ${filters.complete}`,
  ].filter((condition) => condition !== false && condition !== undefined && condition !== "");
}

function isWatched(sql: Sql, by: NonNullable<SessionFilters["watched"]>, me: string | undefined) {
  const marks = sql`
    SELECT FROM watched w WHERE w.project_id = sessions_meta.project_id AND w.session_id = sessions_meta.session_id`;
  if (by === "nobody") return sql`NOT EXISTS (${marks})`;
  return by === "anyone" ? sql`EXISTS (${marks})` : sql`EXISTS (${marks} AND w.user_id = ${me ?? null})`;
}

/** A LIKE pattern; the text's own wildcards mean themselves. */
export function containing(part: string): string {
  return `%${part.replace(/[\\%_]/g, "\\$&")}%`;
}
