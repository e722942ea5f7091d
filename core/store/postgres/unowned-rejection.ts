/**
 * The driver (postgres.js 3.4.9) asks each new connection for its array types and leaves that promise to nobody: where the
 * connection ends meanwhile, Node ends the process (porsager/postgres#1192, #1205, #1223). The statement that the
 * connection was opened for gets the error too, or another connection. Without the question (`fetch_types: false`)
 * `sql.reserve` never gives out a connection that it has to open.
 */
export function forgiveLostTypes(): void {
  if (process.listeners("unhandledRejection").includes(forgive)) return;
  process.on("unhandledRejection", forgive);
}

function forgive(reason: unknown): void {
  // Any other is what it would have been without this: the end.
  if (!isAboutTypes(reason)) throw reason;
}

/** The driver says which statement an error is of. */
function isAboutTypes(reason: unknown): boolean {
  if (!(reason instanceof Error && "query" in reason && typeof reason.query === "string")) return false;
  return reason.query.includes("pg_catalog.pg_type") && reason.query.includes("typarray");
}
