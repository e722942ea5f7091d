/** What a site tells of its visitors beside their id and address: in `batches`, with each batch from `identify` on. */
import { z } from "zod";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";
import type { Counted } from "./pageviews.ts";

/** Of many people's traits at once no more is held than this. */
const MEMORY_MAX = String(1024 ** 3);

/** So many people are looked among: those who were seen last. */
export const WITH_TRAIT_MAX = 10_000;

/** A trait's value as it stands in JSON, or as text. */
export interface AskedTrait {
  name: string;
  value: string;
}

/** The ids of the people of whom the site's latest word says this. */
export async function peopleWithTrait(
  clickhouse: ClickHouseClient,
  { id, retention_days, deleted }: Counted,
  { name, value }: AskedTrait,
  caller?: AbortSignal,
): Promise<string[]> {
  const rows = await askClickHouse(
    async (abort_signal) => {
      const answer = await clickhouse.query({
        query: `
          SELECT assumeNotNull(user_id) AS user_id FROM batches AS b
          WHERE project_id = {project: UInt32} AND user_id IS NOT NULL AND user_traits != '{}'
            AND received_on >= toDate(now('UTC')) - {retention_days: UInt32}
            AND session_id NOT IN {deleted: Array(UUID)}
          GROUP BY user_id
          HAVING argMax(
            JSONExtractRaw(user_traits, {name: String}) = {value: String}
              OR JSONExtractString(user_traits, {name: String}) = {value: String},
            (b.received_at, version)) = 1
          ORDER BY max(b.received_at) DESC
          LIMIT ${WITH_TRAIT_MAX}`,
        query_params: { project: id, retention_days, deleted, name, value },
        format: "JSONEachRow",
        clickhouse_settings: { log_comment: "api.people-with-trait", max_memory_usage: MEMORY_MAX },
        abort_signal,
      });
      return answer.json();
    },
    { caller },
  );
  return z
    .array(z.object({ user_id: z.string() }))
    .parse(rows)
    .map(({ user_id }) => user_id);
}

const Traits = z.record(z.string(), z.unknown());

/** The site's latest word on a person, in these of their sessions. */
export async function traitsOf(
  clickhouse: ClickHouseClient,
  projectId: number,
  userId: string,
  sessionIds: readonly string[],
  caller?: AbortSignal,
): Promise<Record<string, unknown>> {
  const rows = await askClickHouse(
    async (abort_signal) => {
      const answer = await clickhouse.query({
        query: `
          SELECT user_traits FROM batches AS b
          WHERE project_id = {project: UInt32} AND session_id IN {sessions: Array(UUID)} AND user_id = {user: String}
            AND user_traits != '{}'
          ORDER BY b.received_at DESC, version DESC LIMIT 1`,
        query_params: { project: projectId, sessions: sessionIds, user: userId },
        format: "JSONEachRow",
        clickhouse_settings: { log_comment: "api.traits-of" },
        abort_signal,
      });
      return answer.json();
    },
    { caller },
  );
  const [row] = z.array(z.object({ user_traits: z.string() })).parse(rows);
  return row ? Traits.parse(JSON.parse(row.user_traits)) : {};
}
