/**
 * The tables as people's queries see them: views in a database a project. The database is what the row policies of
 * `rrhog_sql` tell the project by (infra/clickhouse/users.d/rrhog-sql.xml); the views hold no rows and filter none.
 */
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";

/** What docs/sql.md describes: a column that is of storage alone is left out. */
const COLUMNS = {
  events: "session_id, window_id, ts, event_name, url, path, user_id, props, event_id, batch_id, idx",
  batches:
    "session_id, window_id, seq, batch_id, received_at, first_ts, last_ts, event_count, events_bytes, body_bytes, durable, " +
    "is_end, url, user_id, user_email, user_traits, user_agent, country, sdk, release, environment, click_count, " +
    "error_count, console_error_count, request_failed_count",
  events_rrweb: "session_id, window_id, seq, batch_id, idx, ts, payload",
  seen_text: "session_id, window_id, ts, text",
} as const;

export function projectDatabase(projectId: number): string {
  return `rrhog_sql_${projectId}`;
}

/** Makes them, or makes them anew where this release has other columns. */
export async function makeProjectViews(
  clickhouse: ClickHouseClient,
  projectId: number,
  abort_signal: AbortSignal,
): Promise<void> {
  const database = projectDatabase(projectId);
  const run = (query: string) => clickhouse.command({ query, abort_signal });
  const rows = await clickhouse.query({
    query: "SELECT currentDatabase() AS name",
    format: "JSONEachRow",
    abort_signal,
  });
  const [{ name: source } = { name: "default" }] = await rows.json<{ name: string }>();
  await run(`CREATE DATABASE IF NOT EXISTS ${database}`);
  for (const [table, columns] of Object.entries(COLUMNS)) {
    await run(
      `CREATE OR REPLACE VIEW ${database}.${table} SQL SECURITY INVOKER AS SELECT ${columns} FROM ${source}.${table}`,
    );
  }
}
