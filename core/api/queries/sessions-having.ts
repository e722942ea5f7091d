/**
 * Which sessions have certain rows in ClickHouse: an event with its properties, a console message, a request, a text that
 * was seen. Each condition is one pass through rows of one kind; what it may cost is bounded by the server.
 */
import { ClickHouseError } from "@clickhouse/client-web";
import { z } from "zod";
import { SPAN_BEFORE_MS } from "#core/facts/claim.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";
import { containing, isCondition, type SessionFilters } from "./session-filters.ts";
import type { ValueCondition } from "./value-condition.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far from what is recorded of a session a custom event may lie. */
const AROUND_MS = 25 * HOUR_MS;

const BOUNDS = { max_execution_time: 8, max_memory_usage: "1000000000" };
/** Time, memory. */
const OVER_BOUNDS = new Set(["159", "241"]);

/** `where` is of the table `source`, whose rows are narrowed to a project, a time and some sessions already. */
interface Condition {
  source: "events" | "batches" | "seen_text";
  where: string;
}

/** What the filters ask of rows in ClickHouse, with the parameters of it. */
export interface Conditions {
  all: readonly Condition[];
  params: Readonly<Record<string, string | number>>;
}

/** Null where the filters ask for nothing of the kind. */
export function conditionsOf(filters: SessionFilters): Conditions | null {
  const params: Record<string, string | number> = {};
  const bound = (type: "String" | "Float64", value: string | number) => {
    const name = `value${Object.keys(params).length}`;
    params[name] = value;
    return `{${name}: ${type}}`;
  };
  const contains = (text: string, part: string) =>
    `lowerUTF8(${text}) LIKE lowerUTF8(${bound("String", containing(part))})`;
  const holds = (text: string, { operator, value }: ValueCondition) => {
    if (operator === "eq") return `${text} = ${bound("String", value)}`;
    if (operator === "contains") return contains(text, value);
    return `toFloat64OrNull(${text}) ${COMPARISONS[operator]} ${bound("Float64", value)}`;
  };
  const property = (condition: ValueCondition) =>
    `(${namesOf(condition.name)
      .map((name) => holds(`toString(getSubcolumn(props, ${bound("String", name)}))`, condition))
      .join(" OR ")})`;
  const trait = (condition: ValueCondition) =>
    holds(`JSONExtract(user_traits, ${bound("String", condition.name)}, 'Nullable(String)')`, condition);
  const status = (asked: string) => {
    const least = Number(asked.replace("xx", "00"));
    const greatest = asked.endsWith("xx") ? least + 99 : least;
    return `toUInt16OrZero(toString(props.status)) BETWEEN ${bound("Float64", least)} AND ${bound("Float64", greatest)}`;
  };
  const event = (name: string, ...wheres: string[]): Condition => ({
    source: "events",
    where: [`event_name = ${bound("String", name)}`, ...wheres].join(" AND "),
  });

  const { event: name, property: properties = [], trait: traits, referrer, error, console, seen } = filters;
  const { request_url, request_status } = filters;
  const all: Condition[] = [];
  if (name !== undefined) all.push(event(name, ...properties.map(property)));
  if (referrer) all.push(event("$pageview", contains("toString(props.referrer)", referrer)));
  if (console) all.push(event("$console", contains("toString(props.message)", console)));
  if (error) all.push(event("$error", contains("concat(toString(props.name), ': ', toString(props.message))", error)));
  if (request_url || request_status) {
    const wheres = [
      request_url && contains("toString(props.url)", request_url),
      request_status && status(request_status),
    ];
    all.push(event("$request", ...wheres.filter(isCondition)));
  }
  if (seen) all.push({ source: "seen_text", where: contains("text", seen) });
  if (traits?.length)
    all.push({ source: "batches", where: `user_traits != '{}' AND ${traits.map(trait).join(" AND ")}` });
  return all.length === 0 ? null : { all, params };
}

const COMPARISONS = { gt: ">", gte: ">=", lt: "<", lte: "<=" };

/** A dot is either a member of a member, or a part of the name, which the column keeps escaped. */
function namesOf(name: string): string[] {
  if (!name.includes(".")) return [name];
  const escaped = name.replaceAll(".", "%2E");
  // ClickHouse takes what follows for the name of a type, and refuses the query where there is none.
  return name.includes(".:`") ? [escaped] : [name, escaped];
}

/** When the sessions that are looked among began and ended, ms. */
export interface Span {
  from: number;
  to: number;
}

export interface Among {
  span: Span;
  /** Only these sessions, where given: some thousands at most, since they travel in the URL. */
  ids?: readonly string[];
  /** No more sessions than this. */
  limit: number;
}

/**
 * Sessions for which all the conditions hold, in no order.
 *
 * @returns null where there are more than `limit`, or looking for them would cost more than it may
 */
export async function sessionsHaving(
  clickhouse: ClickHouseClient,
  projectId: number,
  { all, params }: Conditions,
  { span, ids, limit }: Among,
  caller?: AbortSignal,
): Promise<string[] | null> {
  const query_params = {
    ...params,
    project: projectId,
    from: span.from - AROUND_MS,
    to: span.to + AROUND_MS,
    received_from: dateOf(span.from - AROUND_MS),
    // `received_on` is of the claim, before which a session may have begun.
    received_to: dateOf(span.to + SPAN_BEFORE_MS + DAY_MS),
    limit: limit + 1,
    ...(ids && { ids }),
  };
  const matching = all.reduce((inner, condition) => {
    const among = [ids && "session_id IN {ids: Array(UUID)}", inner && `session_id IN (${inner})`];
    return passThrough(condition, among.filter(isCondition));
  }, "");
  const rows = await askClickHouse(
    async (abort_signal) => {
      try {
        const answer = await clickhouse.query({
          query: `SELECT DISTINCT toString(session_id) AS id FROM (${matching}) LIMIT {limit: UInt32}`,
          query_params,
          format: "JSONEachRow",
          clickhouse_settings: { log_comment: "api.sessions-having", ...BOUNDS },
          abort_signal,
        });
        return await answer.json();
      } catch (error) {
        if (error instanceof ClickHouseError && OVER_BOUNDS.has(error.code)) return null;
        throw error;
      }
    },
    { caller },
  );
  if (rows === null) return null;
  const found = z.array(z.object({ id: z.string() })).parse(rows);
  return found.length > limit ? null : found.map(({ id }) => id);
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** FINAL, so that nothing is found by what a later version of the row does not say any more. */
function passThrough({ source, where }: Condition, among: readonly string[]): string {
  const time =
    source === "events"
      ? "t.ts BETWEEN fromUnixTimestamp64Milli({from: Int64}, 'UTC') AND fromUnixTimestamp64Milli({to: Int64}, 'UTC')"
      : "received_on BETWEEN {received_from: Date} AND {received_to: Date}";
  const wheres = ["project_id = {project: UInt32}", time, ...among, where];
  return `SELECT session_id FROM ${source} AS t FINAL WHERE ${wheres.join(" AND ")}`;
}
