/** Which of a project's sessions a list is of: what the caller asks for, and what is left out unless it is asked for. */
import { z } from "@hono/zod-openapi";
import { WINDOW_OPEN_MS } from "#core/facts/ledger.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { EVENT_NAME_LENGTH_MAX } from "#protocol/limits.ts";
import {
  AnyUserId,
  End,
  flag,
  Instant,
  repeated,
  SESSION_MS_MAX,
  storableText,
  text,
  wholeNumber,
} from "../parameters.ts";
import type { Project } from "./projects.ts";
import { CONDITION_FORM, PropertyCondition, ValueCondition } from "./value-condition.ts";

/** More of them would each be another look through the rows. */
const CONDITIONS_MAX = 5;

/** Silent for longer, a session is hardly watched any more: recorders send every few seconds while anything happens. */
const LIVE_MS = 60_000;

const containsIgnoringCase = "contains this, ignoring case";
const filters = {
  from: Instant.optional().openapi({ description: "started at or after" }),
  to: End.optional().openapi({ description: "started before" }),
  user: text.optional().openapi({ description: `id or e-mail ${containsIgnoringCase}` }),
  trait: repeated(ValueCondition, CONDITIONS_MAX)
    .optional()
    .openapi({
      description: `what the site said of the session's user; several have to be true at once. ${CONDITION_FORM}`,
      example: ["plan:eq:pro"],
    }),
  url: text.optional().openapi({ description: `first or last URL, or a path visited ${containsIgnoringCase}` }),
  path: text.optional().openapi({ description: "a path visited, exactly", example: "/checkout" }),
  referrer: text.optional().openapi({ description: `the address that a page was come from ${containsIgnoringCase}` }),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, "two letters (ISO 3166-1)")
    .toUpperCase()
    .optional(),
  browser: text.optional().openapi({ description: "name, ignoring case", example: "Firefox" }),
  os: text.optional().openapi({ description: "name, ignoring case" }),
  device: text.optional().openapi({ description: "kind of device, ignoring case", example: "mobile" }),
  min_duration_ms: wholeNumber(0, SESSION_MS_MAX).optional(),
  max_duration_ms: wholeNumber(0, SESSION_MS_MAX).optional(),
  has_errors: flag.optional().openapi({ description: "errors that nobody caught" }),
  has_console_errors: flag.optional(),
  has_failed_requests: flag.optional(),
  has_rage_clicks: flag.optional(),
  has_dead_clicks: flag.optional(),
  min_active_ms: wholeNumber(0, SESSION_MS_MAX).optional(),
  event: storableText
    .min(1)
    .max(EVENT_NAME_LENGTH_MAX)
    .optional()
    .openapi({ description: "has an event of this name: a custom event, or a fact such as $click", example: "bought" }),
  property: repeated(PropertyCondition, CONDITIONS_MAX)
    .optional()
    .openapi({
      description: `of \`event\`; several have to be true of one of its occurrences. ${CONDITION_FORM}`,
      example: ["total:gte:100"],
    }),
  error: text.optional().openapi({ description: `name or message of an error ${containsIgnoringCase}` }),
  console: text.optional().openapi({ description: `a console message ${containsIgnoringCase}` }),
  request_url: text.optional().openapi({ description: `a request's address ${containsIgnoringCase}` }),
  request_status: z
    .string()
    .regex(/^[1-5](\d\d|xx)$/, "a status such as 404, or a class such as 5xx")
    .optional()
    .openapi({ description: "of a request; with `request_url` of the same one", example: "5xx" }),
  seen: text.optional().openapi({ description: `a text that could be read ${containsIgnoringCase}` }),
  release: text.optional().openapi({ description: "the site's version, exactly" }),
  complete: flag.optional(),
  incomplete_why: z
    .enum(["missing", "dropped", "rejected", "open", "no_end"])
    .optional()
    .openapi({ description: "of what the ledger says; no_end: nothing has come for 30 minutes" }),
  live: flag.optional().openapi({ description: "not ended, and something came in the last minute" }),
  person: AnyUserId.optional().openapi({ description: "shows the person of exactly this id, alone or with others" }),
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
};
export type SessionFilters = z.infer<z.ZodObject<typeof filters>> & {
  /** The signed-in person who asks: whom `watched=me` means. */
  me?: string | undefined;
};

/** Whatever lists leave out unless it is asked for: what a person did, and what another system knew of. */
export const ALL_SESSIONS = { bots: "include", internal: "include" } as const;

/** The filters as parameters of a route, beside its own. */
export function filtersWith<Own extends z.ZodRawShape>(own: Own) {
  return z.object({ ...filters, ...own }).superRefine(propertiesHaveEvent);
}

/** The filters and nothing else. */
export const filtersOnly = z.strictObject(filters).superRefine(propertiesHaveEvent);

function propertiesHaveEvent(query: object, context: z.RefinementCtx): void {
  const { event, property } = query as Pick<SessionFilters, "event" | "property">;
  if (!property || event !== undefined) return;
  context.addIssue({ code: "custom", path: ["property"], message: "the properties of which event? Say `event`" });
}

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

/**
 * What can be told by a session's own row. Whatever is equal to something goes through one index (030_session_terms.sql).
 *
 * @param among only these sessions, where given
 */
export function matching(sql: Sql, filters: SessionFilters, among: readonly string[] | undefined) {
  const { from, to, user, url, path, country, browser, os, device, release } = filters;
  const { min_duration_ms, max_duration_ms } = filters;
  const lasts = sql`ended_at - started_at`;
  const terms = [
    country && sql`'country:' || ${country}`,
    browser && sql`'browser:' || lower(${browser})`,
    os && sql`'os:' || lower(${os})`,
    device && sql`'device:' || lower(${device})`,
    release && sql`'release:' || ${release}`,
    filters.has_console_errors && sql`'console_errors'`,
    filters.has_failed_requests && sql`'failed_requests'`,
    filters.has_dead_clicks && sql`'dead_clicks'`,
  ].filter(isCondition);
  return [
    from && sql`started_at >= ${from}`,
    to && sql`started_at < ${to}`,
    user && sql`(user_id ILIKE ${containing(user)} OR user_email ILIKE ${containing(user)})`,
    url &&
      sql`(first_url ILIKE ${containing(url)} OR last_url ILIKE ${containing(url)}
        OR EXISTS (SELECT FROM unnest(paths) AS path WHERE path ILIKE ${containing(url)}))`,
    path && sql`paths @> ARRAY[${path}]::text[]`,
    terms.length > 0 && sql`${sessionTerms(sql)} @> ARRAY[${terms.reduce((all, term) => sql`${all}, ${term}`)}]`,
    min_duration_ms !== undefined && sql`${lasts} >= ${min_duration_ms} * interval '1 millisecond'`,
    max_duration_ms !== undefined && sql`${lasts} <= ${max_duration_ms} * interval '1 millisecond'`,
    // By their own index (032_sessions_in_trouble.sql) alone: said by a word as well, they would be planned for twice as rare.
    filters.has_errors && sql`error_count > 0`,
    filters.has_rage_clicks && sql`rage_click_count > 0`,
    filters.has_errors === false && sql`error_count = 0`,
    filters.has_console_errors === false && sql`console_error_count = 0`,
    filters.has_failed_requests === false && sql`request_failed_count = 0`,
    filters.has_rage_clicks === false && sql`rage_click_count = 0`,
    filters.has_dead_clicks === false && sql`dead_click_count = 0`,
    filters.min_active_ms !== undefined && sql`active_ms >= ${filters.min_active_ms}`,
    filters.bots === "only" && sql`bot = 'crawler'`,
    filters.internal === "only" && sql`is_internal`,
    among && sql`session_id = ANY(${among}::uuid[])`,
    filters.person !== undefined &&
      sql`(project_id, session_id) IN (SELECT p.project_id, p.session_id FROM session_people p WHERE p.user_id = ${filters.person})`,
    filters.watched && isWatched(sql, filters.watched, filters.me),
    filters.collection &&
      sql`EXISTS (SELECT FROM collection_sessions c WHERE c.collection_id = ${filters.collection}
        AND c.project_id = sessions_meta.project_id AND c.session_id = sessions_meta.session_id)`,
    filters.complete !== undefined && sql`complete = ${filters.complete}`,
    filters.incomplete_why && sql`${incompleteWhy(sql)} = ${filters.incomplete_why}`,
    filters.live !== undefined && sql`(${inProgress(sql)}) = ${filters.live}`,
  ].filter(isCondition);
}

/** Something came of it lately, and its end has not. */
export function inProgress(sql: Sql) {
  return sql`complete IS NOT TRUE AND last_received_at > now() - ${LIVE_MS} * interval '1 millisecond'`;
}

/** Whether a filter was given, and so says something. */
export function isCondition<Condition>(condition: Condition | false | "" | undefined): condition is Condition {
  return condition !== false && condition !== "" && condition !== undefined;
}

function sessionTerms(sql: Sql) {
  return sql`session_terms(country, browser, os, device, release, error_count, console_error_count,
    request_failed_count, rage_click_count, dead_click_count)`;
}

/** A session is open until nothing has come for a while: no batch tells that, so it is told when it is read. */
export function incompleteWhy(sql: Sql) {
  return sql`CASE WHEN incomplete_why = 'open' AND last_received_at < now() - ${WINDOW_OPEN_MS} * interval '1 millisecond'
    THEN 'no_end' ELSE incomplete_why END`;
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
