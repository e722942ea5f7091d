/**
 * Runs somebody's own SELECT over the rows of one project (docs/decisions/0023-sql-by-row-policies.md). What it may read is
 * the engine's matter: the user `rrhog_sql`, its row policies, and settings that are fixed before the query's text is read.
 */
import { ClickHouseError, type ClickHouseSettings } from "@clickhouse/client-web";
import { z } from "@hono/zod-openapi";
import { type ClickHouseClient, openClickHouse } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";
import type { Counted } from "../queries/pageviews.ts";
import { Refusal } from "../refusal.ts";
import type { Settings } from "../settings.ts";
import { type RefusedNames, refusedNames } from "./permitted-names.ts";
import { makeProjectViews, projectDatabase } from "./project-views.ts";
import { refusedFor } from "./read-syntax.ts";
import { OUT_OF_TIME, runningQueries, TIME_MAX_S } from "./running-queries.ts";

export const ROWS_MAX = 10_000;
const RESULT_BYTES_MAX = 16 * 1024 * 1024;
const MEMORY_BYTES_MAX = 1_000_000_000;

/**
 * The query's text cannot change one of them: that is what `readonly` says, and it is among them. None is of rows or bytes
 * read: ClickHouse counts what other projects have in the blocks that it opens, and an edge that is met would tell of them.
 */
const BOUNDS: ClickHouseSettings = {
  readonly: "1",
  // each row once, its newest version
  final: 1,
  do_not_merge_across_partitions_select_final: 1,
  limit: String(ROWS_MAX + 1),
  max_execution_time: TIME_MAX_S,
  timeout_overflow_mode: "throw",
  // the time is looked at between blocks: of the engine's usual 65,409 rows one may take minutes, where each row has a
  // long text or a long list
  max_block_size: "1024",
  max_memory_usage: String(MEMORY_BYTES_MAX),
  max_result_bytes: String(RESULT_BYTES_MAX),
  result_overflow_mode: "throw",
  max_threads: 2,
  use_query_cache: 0,
  // whoever leaves gives the query's place back
  cancel_http_readonly_queries_on_client_close: 1,
};

const Answer = z.object({
  meta: z.array(z.object({ name: z.string(), type: z.string() })),
  data: z.array(z.array(z.unknown())),
  statistics: z.object({ elapsed: z.number() }),
});

export const SqlResult = z
  .object({
    columns: z.array(z.object({ name: z.string(), type: z.string().openapi({ example: "LowCardinality(String)" }) })),
    rows: z.array(z.array(z.unknown())).openapi({
      description: "a value a column. Whole numbers above 2^53 lose digits: ask for toString(…)",
    }),
    truncated: z.boolean().openapi({ description: `there are more than the ${ROWS_MAX} rows that are given` }),
    // No rows or bytes read: an index prunes before the row policy filters, so they would count other projects' rows.
    statistics: z.object({ elapsed_ms: z.int().openapi({ description: "to the nearest 10, and 10 at least" }) }),
  })
  .openapi("SqlResult");
export type SqlResult = z.infer<typeof SqlResult>;

export type SqlParameters = Record<string, string | number | boolean | null | (string | number)[]>;

/** Between the engine's time and this it may answer that the time is over. */
const ANSWER_MAX_S = TIME_MAX_S + 5;
const READS_TOO_MUCH = "it reads more than this server allows";

/** Instead of the engine's own words: they say how far a query came, other projects' rows counted. By its codes. */
const OVER_LIMIT = new Map([
  ["158", READS_TOO_MUCH],
  ["159", OUT_OF_TIME],
  ["160", OUT_OF_TIME],
  ["191", "a set of it is too large"],
  ["241", "it takes more than 1 GB of memory"],
  ["306", "it is nested too deeply"],
  ["307", READS_TOO_MUCH],
  ["396", "its answer is larger than 16 MiB"],
]);
/** 202 too many queries, 209 and 210 network, 394 cancelled, 516 no such user: nothing that the query did */
const NOT_THE_QUERY = new Set(["202", "209", "210", "394", "516"]);

/** Runs queries with a connection of its own, as the user that may read and nothing else. */
export function sqlRunner(clickhouse: ClickHouseClient, settings: Settings) {
  const readers = new Map<number, ClickHouseClient>();
  const runHeld = runningQueries(clickhouse);
  let names: RefusedNames | undefined;

  async function readerOf(projectId: number, caller: AbortSignal): Promise<ClickHouseClient> {
    const known = readers.get(projectId);
    if (known) return known;
    await askClickHouse((signal) => makeProjectViews(clickhouse, projectId, signal), { caller });
    const reader = openClickHouse(readersUrl(settings, projectId), "rrhog-api-sql");
    readers.set(projectId, reader);
    return reader;
  }

  async function run(
    project: Counted,
    query: string,
    parameters: SqlParameters,
    caller: AbortSignal,
    mark: string,
  ): Promise<SqlResult> {
    const reader = await readerOf(project.id, caller);
    names ??= await askClickHouse((signal) => refusedNames(clickhouse, signal), { caller });
    const clickhouse_settings = { ...BOUNDS, log_comment: `${bound(project)} ${mark}` };
    const ask = async (text: string, format: "JSONCompact" | "TabSeparatedRaw", query_params: SqlParameters) => {
      const answered = await askClickHouse(
        async (abort_signal) => {
          try {
            const answer = await reader.query({ query: text, format, query_params, clickhouse_settings, abort_signal });
            return await answer.text();
          } catch (error) {
            if (isOfQuery(error)) return refusalOf(error);
            throw error;
          }
        },
        { caller, ms: ANSWER_MAX_S * 1_000 },
      );
      if (answered instanceof Refusal) throw answered;
      return answered;
    };
    // The engine's parser gives the text back without comments, and refuses what is more than one statement. Within
    // brackets its grammar knows queries only: no INSERT, SET, KILL, INTO OUTFILE or FORMAT.
    const one = await ask("SELECT formatQuerySingleLine({query: String})", "TabSeparatedRaw", { query });
    const select = one.trim();
    const why = refusedFor(
      await ask(`EXPLAIN AST SELECT * FROM (\n${select}\n)`, "TabSeparatedRaw", parameters),
      names,
    );
    if (why !== null) throw new Refusal("sql_refused", { detail: why });
    return resultOf(Answer.parse(JSON.parse(await ask(select, "JSONCompact", parameters))));
  }

  return (project: Counted, query: string, parameters: SqlParameters, caller: AbortSignal): Promise<SqlResult> =>
    runHeld(project.id, (mark) => run(project, query, parameters, caller, mark));
}

/** What the row policies read of what is kept: infra/clickhouse/users.d/rrhog-sql.xml. */
function bound({ retention_days, deleted }: Counted): string {
  return ["api.sql", `days=${retention_days}`, ...deleted].join(" ");
}

function readersUrl({ CLICKHOUSE_URL, CLICKHOUSE_SQL_PASSWORD }: Settings, projectId: number): string {
  const url = new URL(CLICKHOUSE_URL);
  url.pathname = projectDatabase(projectId);
  url.username = "rrhog_sql";
  url.password = CLICKHOUSE_SQL_PASSWORD;
  return url.toString();
}

function resultOf({ meta, data, statistics }: z.infer<typeof Answer>): SqlResult {
  return {
    columns: meta,
    rows: data.slice(0, ROWS_MAX),
    truncated: data.length > ROWS_MAX,
    statistics: { elapsed_ms: Math.max(10, Math.round(statistics.elapsed * 100) * 10) },
  };
}

function isOfQuery(error: unknown): error is ClickHouseError {
  return error instanceof ClickHouseError && !NOT_THE_QUERY.has(error.code);
}

/** What the engine says of a query is its author's to know, but for how much it read. */
function refusalOf(error: ClickHouseError): Refusal {
  const limit = OVER_LIMIT.get(error.code);
  if (limit !== undefined) return new Refusal("sql_over_limit", { detail: limit }, { cause: error });
  const detail = error.message.slice(0, 500);
  return new Refusal("sql_refused", { detail }, { cause: error });
}
