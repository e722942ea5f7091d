/**
 * Rows of span facts that a later making of a session does not tell any more. A replacing table has no way to take a key
 * back, so they are deleted by their ids, and only below the making's version: what a later one writes is never touched.
 */
import { z } from "zod";
import type { SessionKey } from "./batches.ts";
import type { ClickHouseClient } from "./client.ts";
import { EVENT_GENERATIONS } from "./event-version.ts";

/** Ids in one statement: they travel in the URL. */
const IDS_MAX = 150;

const TABLES = {
  /** `$click` is never taken back: its row is the batch fact's as well. Generation 0 is the batch facts'. */
  events: { made: `version % ${EVENT_GENERATIONS} > 0 AND event_name != '$click'` },
  seen_text: { made: "true" },
} as const;

/**
 * @param keep ids that the making told
 * @param version the making's
 * @returns how many ids were taken away
 */
export async function removeStale(
  clickhouse: ClickHouseClient,
  table: keyof typeof TABLES,
  session: SessionKey,
  keep: ReadonlySet<string>,
  version: number,
): Promise<number> {
  const { made } = TABLES[table];
  const query_params = { project: session.project_id, session: session.session_id, version };
  const ofSession = "project_id = {project: UInt32} AND session_id = {session: UUID} AND version < {version: UInt32}";
  // A text may be seen in several windows: its key is both.
  const key = table === "seen_text" ? "concat(window_id, ' ', toString(text_id))" : "toString(event_id)";
  const result = await clickhouse.query({
    query: `SELECT DISTINCT ${key} AS key FROM ${table} WHERE ${ofSession} AND ${made}`,
    query_params,
    format: "JSONEachRow",
  });
  const found = z.array(z.object({ key: z.string() })).parse(await result.json());
  const stale = found.map(({ key }) => key).filter((key) => !keep.has(key));
  for (let at = 0; at < stale.length; at += IDS_MAX) {
    await clickhouse.command({
      query: `DELETE FROM ${table} WHERE ${ofSession} AND ${made} AND ${key} IN {stale: Array(String)}`,
      query_params: { ...query_params, stale: stale.slice(at, at + IDS_MAX) },
      clickhouse_settings: { lightweight_deletes_sync: "2" },
    });
  }
  return stale.length;
}
