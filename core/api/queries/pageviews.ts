import { z } from "@hono/zod-openapi";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";
import type { Interval, Period } from "../period.ts";
import type { ReadProject } from "./projects.ts";

/**
 * A page view counts if its page was loaded or its address differs from the one before in its window: the rule of
 * core/facts/page-view.ts. What was before may lie before the period, by as much as a session lasts.
 */
const COUNTED = `
  SELECT ts, url, session_id FROM (
    SELECT e.ts AS ts, url, session_id, props.kind.:String AS kind,
      lagInFrame(url) OVER (PARTITION BY session_id, window_id ORDER BY e.ts, batch_id, idx) AS url_before
    FROM events AS e FINAL
    WHERE project_id = {project: UInt32} AND event_name = '$pageview'
      AND e.ts >= fromUnixTimestamp64Milli({from: Int64}, 'UTC') - INTERVAL 25 HOUR
      AND e.ts < fromUnixTimestamp64Milli({to: Int64}, 'UTC')
      AND received_on >= toDate(now('UTC')) - {retention_days: UInt32}
      AND session_id NOT IN {deleted: Array(UUID)}
  )
  WHERE (kind = 'load' OR url != url_before) AND ts >= fromUnixTimestamp64Milli({from: Int64}, 'UTC')`;

const START: Record<Interval, string> = {
  minute: "toStartOfMinute(ts)",
  hour: "toStartOfHour(ts)",
  day: "toStartOfDay(ts)",
  week: "toStartOfInterval(ts, INTERVAL 1 WEEK)",
  month: "toStartOfMonth(ts)",
};

const CountRow = z.object({ t: z.int(), value: z.int() });

/** What is counted over: the sessions of the project that nobody has deleted. */
export interface Counted extends ReadProject {
  /** Sessions whose rows are still being taken away (queries/deletions.ts). */
  deleted: readonly string[];
}

/** Page views by the ms at which their interval begins. */
export async function countPageviews(
  clickhouse: ClickHouseClient,
  project: Counted,
  period: Period,
  interval: Interval,
  caller?: AbortSignal,
): Promise<Map<number, number>> {
  const query = `
    SELECT toUnixTimestamp(toDateTime(${START[interval]}, 'UTC')) * 1000 AS t, count() AS value
    FROM (${COUNTED}) GROUP BY t`;
  const rows = z.array(CountRow).parse(await ask(clickhouse, query, project, period, {}, caller));
  return new Map(rows.map(({ t, value }) => [t, value]));
}

export const TopPage = z.object({ path: z.string(), views: z.int(), sessions: z.int() }).openapi("TopPage");
export type TopPage = z.infer<typeof TopPage>;

/** The pages seen most, whatever their query string. */
export async function topPages(
  clickhouse: ClickHouseClient,
  project: Counted,
  period: Period,
  limit: number,
  caller?: AbortSignal,
): Promise<TopPage[]> {
  const query = `
    SELECT path(url) AS path, count() AS views, uniqExact(session_id) AS sessions
    FROM (${COUNTED}) GROUP BY path ORDER BY views DESC, path LIMIT {limit: UInt32}`;
  return z.array(TopPage).parse(await ask(clickhouse, query, project, period, { limit }, caller));
}

function ask(
  clickhouse: ClickHouseClient,
  query: string,
  { id, retention_days, deleted }: Counted,
  { from, to }: Period,
  more: Record<string, number>,
  caller: AbortSignal | undefined,
): Promise<unknown> {
  const query_params = { project: id, retention_days, deleted, from: from.getTime(), to: to.getTime(), ...more };
  const clickhouse_settings = { log_comment: "api.pageviews" };
  return askClickHouse(
    async (abort_signal) => {
      const answer = await clickhouse.query({
        query,
        query_params,
        format: "JSONEachRow",
        clickhouse_settings,
        abort_signal,
      });
      return answer.json();
    },
    { caller },
  );
}
