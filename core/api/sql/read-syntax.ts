/** What a query names and sets, by the engine's own parser (`EXPLAIN AST`): a line a node. Pure. */
import type { RefusedNames } from "./permitted-names.ts";

const NODE = /^\s*(Function|TableIdentifier|Identifier|ColumnsApplyTransformer|Set)\b ?(.*)$/;
const SHUT_DATABASE = /^(system|information_schema)\./i;
/** Columns that every table has besides its own: where a row lies among those of other projects. */
const STORAGE_COLUMN = /(^|\.)_(part|block|row|sample|disk)/;

/**
 * Names that contain a line's end can only add lines, never hide one.
 *
 * @returns why the query is refused; null where nothing is to be said against it
 */
export function refusedFor(syntax: string, refused: RefusedNames): string | null {
  for (const line of syntax.split("\n")) {
    const [, node, rest = ""] = NODE.exec(line) ?? [];
    if (node === undefined) continue;
    const name = rest.replace(/ \((alias|children) .*$/, "");
    // Within a subquery the engine does not hold `readonly` against it: the query's bounds would be its own to set.
    if (node === "Set") return "SETTINGS are not taken here";
    // Its function is no node of its own.
    if (node === "ColumnsApplyTransformer") return "APPLY is not taken here";
    if (node !== "Function") {
      if (SHUT_DATABASE.test(name) || STORAGE_COLUMN.test(name)) return `${name} is not for reading here`;
      // A function may be handed over by its bare name: arrayMap(file, …).
      if (refused.functions.has(name.toLowerCase())) return `${name} is the name of a function that is not taken here`;
      continue;
    }
    if (refused.functions.has(name.toLowerCase())) return `the function ${name} is not taken here`;
    if (refused.tableFunctions.has(name.toLowerCase()) && !isOrdinary(name)) {
      return `the table function ${name} is not taken here`;
    }
  }
  return null;
}

/** Table functions that read nothing but their argument, and share their name with a permitted function. */
function isOrdinary(name: string): boolean {
  return name.toLowerCase() === "format";
}
