/**
 * What a query may name. Rights and row policies say which rows there are; these names are those for which ClickHouse has
 * no right to withhold: functions that read files, dictionaries and the server's state, table functions that read the
 * index of a table past its row policy, and functions that one call of can take for ever. They are told by the engine's own register, so that what a release adds is shut.
 */
import { z } from "zod";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";

/** Of these every function is a function of its arguments. */
const CATEGORIES = new Set([
  "Aggregate Functions",
  "Arithmetic",
  "Arrays",
  "Bit",
  "Bitmap",
  "Comparison",
  "Conditional",
  "Dates and Times",
  "Distance",
  "Encoding",
  "Financial",
  "Geo",
  "Hash",
  "IP Address",
  "JSON",
  "Logical",
  "Map",
  "Mathematical",
  "Null",
  "Random Number",
  "Rounding",
  "String",
  "String Replacement",
  "String Search",
  "String Splitting",
  "Time Series",
  "Time Window",
  "Tuple",
  "Type Conversion",
  "URL",
  "UUID",
]);

/** Of the other categories. */
const FUNCTIONS = new Set(
  [
    "_CAST",
    "bar",
    "byteSize",
    "caseWithExpression",
    "finalizeAggregation",
    "formatReadableDecimalSize",
    "formatReadableQuantity",
    "formatReadableSize",
    "formatReadableTimeDelta",
    "ignore",
    "identity",
    "materialize",
    "neighbor",
    "rowNumberInAllBlocks",
    "runningDifference",
    "throwIf",
    "toColumnTypeName",
    "toTypeName",
    "transform",
    "variantElement",
    "variantType",
    "version",
  ].map((name) => name.toLowerCase()),
);

/** In a category that is permitted as a whole, and yet not; their aliases neither. */
const SHUT = new Set(
  [
    // of the engine's host
    "chdb",
    // Their cost is the square of what they are given, or the caller's to choose, within one call: the engine looks at
    // the query's time, and at a KILL, between calls only.
    "arrayFold",
    "arrayLevenshteinDistance",
    "arrayLevenshteinDistanceWeighted",
    "arraySimilarity",
    "damerauLevenshteinDistance",
    "editDistance",
    "editDistanceUTF8",
    "jaroSimilarity",
    "jaroWinklerSimilarity",
    "JSONMergePatch",
  ].map((name) => name.toLowerCase()),
);

const TABLE_FUNCTIONS = new Set([
  "generate_series",
  "generateseries",
  "null",
  "numbers",
  "numbers_mt",
  "values",
  "view",
]);

const FunctionRow = z.object({ name: z.string(), origin: z.string(), category: z.string(), is_aggregate: z.int() });

export interface RefusedNames {
  /** In lower case: ClickHouse takes many in whatever case. */
  functions: ReadonlySet<string>;
  tableFunctions: ReadonlySet<string>;
}

/** Everything that the engine knows and that is not permitted. */
export async function refusedNames(clickhouse: ClickHouseClient, abort_signal: AbortSignal): Promise<RefusedNames> {
  const [functions, tableFunctions] = await Promise.all([
    rows(
      clickhouse,
      `SELECT f.name AS name, if(f.alias_to = '', f.name, f.alias_to) AS origin, f.is_aggregate AS is_aggregate,
         if(f.alias_to = '', f.categories, o.categories) AS category
       FROM system.functions AS f LEFT JOIN system.functions AS o ON o.name = f.alias_to`,
      abort_signal,
    ).then((found) => z.array(FunctionRow).parse(found)),
    rows(clickhouse, "SELECT name FROM system.table_functions", abort_signal).then((found) =>
      z.array(FunctionRow.pick({ name: true })).parse(found),
    ),
  ]);
  const refused = functions.filter(({ name, origin, category, is_aggregate }) => {
    if (SHUT.has(origin.toLowerCase())) return true;
    return is_aggregate === 0 && !CATEGORIES.has(category) && !FUNCTIONS.has(name.toLowerCase());
  });
  const lower = ({ name }: { name: string }) => name.toLowerCase();
  return {
    functions: new Set(refused.map(lower)),
    tableFunctions: new Set(tableFunctions.map(lower).filter((name) => !TABLE_FUNCTIONS.has(name))),
  };
}

async function rows(clickhouse: ClickHouseClient, query: string, abort_signal: AbortSignal): Promise<unknown> {
  const clickhouse_settings = { log_comment: "api.sql-names" };
  return (await clickhouse.query({ query, format: "JSONEachRow", clickhouse_settings, abort_signal })).json();
}
