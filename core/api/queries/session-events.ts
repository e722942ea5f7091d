import { z } from "zod";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";

/** A derived fact of a session: `$pageview` and its like, and custom events. `ts` is corrected, ms. */
const SessionEvent = z.object({
  event_name: z.string(),
  window_id: z.string(),
  batch_id: z.string(),
  idx: z.int(),
  ts: z.int(),
  url: z.string(),
  props: z.record(z.string(), z.unknown()),
});
export type SessionEvent = z.infer<typeof SessionEvent>;

/** As much as one answer lists: far above what people do in a session, and a bound to what a program may do. */
const EVENTS_MAX = 20_000;
const PROPS_BYTES_MAX = 16 * 1024 * 1024;

/** The table is ordered by time and not by session, so the span finds the granules. Copies are collapsed first. */
const QUERY = `
  SELECT event_name, window_id, batch_id, idx, ts, url, props
  FROM (
    SELECT *, sum(length(toString(props))) OVER (ORDER BY ts, window_id, batch_id, idx, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS props_bytes
    FROM (
      SELECT event_name, window_id, toString(batch_id) AS batch_id, idx, toUnixTimestamp64Milli(e.ts) AS ts, url, props,
        event_id
      FROM events AS e
      WHERE project_id = {project: UInt32} AND session_id = {session: UUID} AND {names}
        AND e.ts BETWEEN fromUnixTimestamp64Milli({from: Int64}, 'UTC') AND fromUnixTimestamp64Milli({to: Int64}, 'UTC')
      ORDER BY e.ts, window_id, e.batch_id, idx, event_id, version DESC
      LIMIT 1 BY event_id
      LIMIT ${EVENTS_MAX}
    )
  )
  WHERE props_bytes <= ${PROPS_BYTES_MAX}
  ORDER BY ts, window_id, batch_id, idx, event_id`;

const ALL = QUERY.replace("{names}", "true");
const PAGE_VIEWS = QUERY.replace("{names}", "event_name = '$pageview'");

/** ms, corrected, inclusive. */
interface Span {
  from: number;
  to: number;
}

/** A session's derived facts and custom events, each once, in time order. */
export function sessionEvents(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  span: Span,
  caller?: AbortSignal,
): Promise<SessionEvent[]> {
  return ask(clickhouse, ALL, session, span, caller);
}

/** Those by which pages are told, however many other events the session has. */
export function sessionPageViews(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  span: Span,
  caller?: AbortSignal,
): Promise<SessionEvent[]> {
  return ask(clickhouse, PAGE_VIEWS, session, span, caller);
}

async function ask(
  clickhouse: ClickHouseClient,
  query: string,
  session: SessionKey,
  span: Span,
  caller: AbortSignal | undefined,
): Promise<SessionEvent[]> {
  const query_params = { project: session.project_id, session: session.session_id, ...span };
  const rows = await askClickHouse(
    async (abort_signal) => {
      const clickhouse_settings = { log_comment: "api.session-events" };
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
  return z.array(SessionEvent).parse(rows);
}
