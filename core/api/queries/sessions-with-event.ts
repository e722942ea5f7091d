import { z } from "zod";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";
import type { Project } from "./projects.ts";

/** So many are looked among: those that had the event last. */
export const WITH_EVENT_MAX = 10_000;

/** A session's last event is at most so much later than its first (core/facts/claim.ts). */
const SESSION_MS_MAX = 25 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** The ids of the sessions that have such an event. They are in the key's own order, so nothing else is read. */
export async function sessionsWithEvent(
  clickhouse: ClickHouseClient,
  project: Pick<Project, "id" | "retention_days">,
  name: string,
  { from, to }: { from?: Date | undefined; to?: Date | undefined },
  caller?: AbortSignal,
): Promise<string[]> {
  const query_params = {
    project: project.id,
    name,
    from: from?.getTime() ?? Date.now() - (project.retention_days + 31) * DAY_MS,
    to: (to?.getTime() ?? Date.now()) + SESSION_MS_MAX,
  };
  const rows = await askClickHouse(
    async (abort_signal) => {
      const answer = await clickhouse.query({
        query: `
          SELECT toString(session_id) AS session_id FROM events AS e
          WHERE project_id = {project: UInt32} AND event_name = {name: String}
            AND e.ts BETWEEN fromUnixTimestamp64Milli({from: Int64}, 'UTC') AND fromUnixTimestamp64Milli({to: Int64}, 'UTC')
          GROUP BY e.session_id
          ORDER BY max(e.ts) DESC
          LIMIT ${WITH_EVENT_MAX}`,
        query_params,
        format: "JSONEachRow",
        clickhouse_settings: { log_comment: "api.sessions-with-event" },
        abort_signal,
      });
      return answer.json();
    },
    { caller },
  );
  return z
    .array(z.object({ session_id: z.string() }))
    .parse(rows)
    .map(({ session_id }) => session_id);
}
