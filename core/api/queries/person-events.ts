import { z } from "@hono/zod-openapi";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";
import type { Counted } from "./pageviews.ts";

/** What a person did: a fact such as `$click`, or a custom event. */
export const PersonEvent = z
  .object({
    event_id: z.string(),
    name: z.string(),
    at: z.iso.datetime(),
    session_id: z.string(),
    window_id: z.string(),
    url: z.string(),
    props: z.record(z.string(), z.unknown()),
  })
  .openapi("PersonEvent");
export type PersonEvent = z.infer<typeof PersonEvent>;

const Row = PersonEvent.omit({ at: true }).extend({ ts: z.int(), found: z.int() });

/** A page ends where its details come to more, after one event at least. */
const PROPS_BYTES_MAX = 8 * 1024 * 1024;

/** Where a page ended: ms, and the event. */
export const PersonEventCursor = z.tuple([z.int().min(0).max(Date.UTC(2299, 0)), z.guid()]);
export type PersonEventCursor = z.infer<typeof PersonEventCursor>;

/**
 * Which rows are of the page is found by their keys alone; the rest of them is read only then. Of the copies of an event
 * the newest counts. `$identify` says who somebody is, with each batch, and is nothing that they did.
 */
const QUERY = `
  SELECT toString(event_id) AS event_id, name, at AS ts, toString(session_id) AS session_id, window_id, url, props, found
  FROM (
    SELECT *, count() OVER () AS found, sum(length(toString(props))) OVER (ORDER BY at DESC, event_id DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
    FROM (
      SELECT event_id, event_name AS name, toUnixTimestamp64Milli(e.ts) AS at, session_id, window_id, url, props
      FROM events AS e
      WHERE project_id = {project: UInt32} AND (event_name, e.ts, session_id, event_id) IN (
        SELECT event_name, k.ts, session_id, event_id FROM events AS k
        WHERE project_id = {project: UInt32} AND user_id = {user: String} AND event_name != '$identify'
          AND ({name: String} = '' OR event_name = {name: String})
          AND received_on >= toDate(now('UTC')) - {retention_days: UInt32}
          AND session_id NOT IN {deleted: Array(UUID)}
          AND (k.ts, event_id) < (fromUnixTimestamp64Milli({beforeTs: Int64}, 'UTC'), {beforeId: UUID})
        GROUP BY event_name, k.ts, session_id, event_id
        ORDER BY k.ts DESC, event_id DESC
        LIMIT {limit: UInt32}
      )
      ORDER BY e.ts DESC, event_id DESC, version DESC
      LIMIT 1 BY event_id
    )
  )
  WHERE bytes_before <= ${PROPS_BYTES_MAX}
  ORDER BY at DESC, event_id DESC`;

/** After every event. */
const START: PersonEventCursor = [Date.UTC(2299, 0), "ffffffff-ffff-ffff-ffff-ffffffffffff"];

export interface PersonEventsAsked {
  /** Only events of this name, where given. */
  event?: string | undefined;
  limit: number;
  cursor?: PersonEventCursor | undefined;
}

/** What a person did, the latest first. In a session of several people that of this one. */
export async function personEvents(
  clickhouse: ClickHouseClient,
  { id, retention_days, deleted }: Counted,
  userId: string,
  { event = "", limit, cursor = START }: PersonEventsAsked,
  caller?: AbortSignal,
): Promise<{ events: PersonEvent[]; last: PersonEventCursor | null }> {
  const [beforeTs, beforeId] = cursor;
  const rows = await askClickHouse(
    async (abort_signal) => {
      const answer = await clickhouse.query({
        query: QUERY,
        query_params: {
          project: id,
          user: userId,
          name: event,
          retention_days,
          deleted,
          beforeTs,
          beforeId,
          limit: limit + 1,
        },
        format: "JSONEachRow",
        clickhouse_settings: { log_comment: "api.person-events" },
        abort_signal,
      });
      return answer.json();
    },
    { caller },
  );
  const page = z.array(Row).parse(rows.slice(0, limit));
  const end = page.at(-1);
  const last = end && end.found > page.length ? end : undefined;
  return {
    events: page.map(({ ts, found: _, ...row }) => ({ ...row, at: new Date(ts).toISOString() })),
    last: last ? [last.ts, last.event_id] : null,
  };
}
