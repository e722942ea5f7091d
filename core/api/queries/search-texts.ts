import { z } from "@hono/zod-openapi";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";
import type { Counted } from "./pageviews.ts";
import { containing } from "./session-filters.ts";

/** Where a session first showed what was looked for. `ts` is corrected, ms. */
const Hit = z.object({ session_id: z.string(), window_id: z.string(), ts: z.int(), text: z.string() });
type Hit = z.infer<typeof Hit>;

/**
 * The text index answers LIKE over its own expression, from three characters on. A text's newest row has its time; of the
 * texts of a session the earliest counts.
 */
const query = (ofOne: boolean) => `
  SELECT toString(session_id) AS session_id, tupleElement(first, 1) AS window_id, at AS ts, tupleElement(first, 2) AS text
  FROM (
    SELECT session_id, argMin((window_id, text), (seen_at, window_id)) AS first, min(seen_at) AS at
    FROM (
      SELECT session_id, window_id, text_id, toUnixTimestamp64Milli(ts) AS seen_at, text
      FROM seen_text
      WHERE project_id = {project: UInt32} AND lowerUTF8(text) LIKE lowerUTF8({pattern: String})
        AND received_on >= toDate(now('UTC')) - {retention_days: UInt32}
        AND session_id NOT IN {deleted: Array(UUID)}
        ${ofOne ? "AND session_id = {session: UUID}" : ""}
      ORDER BY session_id, window_id, text_id, version DESC
      LIMIT 1 BY session_id, window_id, text_id
    )
    GROUP BY session_id
  )
  ORDER BY ts DESC, session_id
  LIMIT {limit: UInt32}`;

interface TextsAsked {
  /** In one line; in whatever case, anywhere in a text. */
  phrase: string;
  /** Only this session, where given. */
  session?: string | undefined;
  limit: number;
}

/** Sessions in which a phrase could be read, each once, the latest first. */
export async function searchTexts(
  clickhouse: ClickHouseClient,
  { id, retention_days, deleted }: Counted,
  { phrase, session, limit }: TextsAsked,
  caller?: AbortSignal,
): Promise<Hit[]> {
  const pattern = containing(phrase);
  const rows = await askClickHouse(
    async (abort_signal) => {
      const answer = await clickhouse.query({
        query: query(session !== undefined),
        query_params: { project: id, retention_days, deleted, pattern, limit, ...(session && { session }) },
        format: "JSONEachRow",
        clickhouse_settings: { log_comment: "api.search-texts" },
        abort_signal,
      });
      return answer.json();
    },
    { caller },
  );
  return z.array(Hit).parse(rows);
}
