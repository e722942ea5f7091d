/** `events`: derived facts and custom events. */
import { z } from "zod";
import { idsByProject, type SessionKey } from "./batches.ts";
import type { ClickHouseClient } from "./client.ts";
import { jsonColumn } from "./json-column.ts";
import { jsonLine } from "./json-line.ts";
import { clickhouseTime } from "./time.ts";

/** A row as it is inserted. */
export interface EventRow extends SessionKey {
  user_id: string | null;
  event_name: string;
  /** Corrected and clamped, ms: it stands in the key. */
  ts: number;
  url: string;
  /** As JSON.parse gives it; integers that a number does not hold may be bigint. */
  props: Record<string, unknown>;
  event_id: string;
  window_id: string;
  batch_id: string;
  idx: number;
  /** `YYYY-MM-DD` */
  received_on: string;
  version: number;
}

export function eventLine({ props, ...row }: EventRow): string {
  const line = jsonLine({ ...row, ts: clickhouseTime(row.ts) });
  return `${line.trimEnd().slice(0, -1)},"props":${jsonColumn(props)}}\n`;
}

/** Which of the batches have a row of the custom events in them. */
export async function batchIdsOfEvents(
  clickhouse: ClickHouseClient,
  batches: readonly (SessionKey & { batch_id: string })[],
): Promise<Set<string>> {
  const found = new Set<string>();
  const asked = new Set(batches.map(({ batch_id }) => batch_id));
  for (const [project, ids] of idsByProject(batches)) {
    const result = await clickhouse.query({
      query: `
        SELECT DISTINCT toString(batch_id) AS batch_id FROM events
        WHERE project_id = {project: UInt32} AND session_id IN {ids: Array(UUID)} AND NOT startsWith(event_name, '$')`,
      query_params: { project, ids },
      format: "JSONEachRow",
    });
    for (const { batch_id } of z.array(z.object({ batch_id: z.string() })).parse(await result.json())) {
      if (asked.has(batch_id)) found.add(batch_id);
    }
  }
  return found;
}

/** A page view as it is read: see core/facts/page-view.ts for which of them count. */
export const PageViewRow = z.object({
  project_id: z.int(),
  session_id: z.string(),
  window_id: z.string(),
  batch_id: z.string(),
  idx: z.int(),
  /** ms, corrected */
  ts: z.int(),
  url: z.string(),
  kind: z.string(),
});
export type PageViewRow = z.infer<typeof PageViewRow>;

/**
 * The `$pageview` rows of the sessions, each once, in time order within session and window.
 *
 * @param span corrected ms, inclusive, that the sessions lie in: the table is ordered by time, not by session
 */
export async function readPageViews(
  clickhouse: ClickHouseClient,
  sessions: readonly SessionKey[],
  span: { from: number; to: number },
): Promise<PageViewRow[]> {
  const rows: PageViewRow[] = [];
  for (const [project, ids] of idsByProject(sessions)) {
    const result = await clickhouse.query({
      query: `
        SELECT project_id, session_id, window_id, batch_id, idx, toUnixTimestamp64Milli(e.ts) AS ts, url,
          props.kind.:String AS kind
        FROM events AS e
        WHERE project_id = {project: UInt32} AND event_name = '$pageview' AND session_id IN {ids: Array(UUID)}
          AND e.ts BETWEEN fromUnixTimestamp64Milli({from: Int64}, 'UTC') AND fromUnixTimestamp64Milli({to: Int64}, 'UTC')
        ORDER BY session_id, window_id, e.ts, batch_id, idx, version DESC
        LIMIT 1 BY session_id, batch_id, idx`,
      query_params: { project, ids, from: Math.floor(span.from), to: Math.ceil(span.to) },
      format: "JSONEachRow",
    });
    rows.push(...z.array(PageViewRow).parse(await result.json()));
  }
  return rows;
}
