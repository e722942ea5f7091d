import postgres from "postgres";

/** Classes of SQLSTATE by which Postgres says that it does nothing now, whoever asks (its manual, appendix A). */
const TROUBLE = new Set([
  "08", // connection
  "25", // read only, as a standby is
  "28", // authorisation
  "40", // rolled back: deadlock, serialisation
  "42", // not migrated yet, or no right
  "53", // disk, memory, connections
  "55", // lock not available
  "57", // shut down, cancelled
  "58", // system
]);

export function isPostgresTrouble(error: unknown): boolean {
  return error instanceof postgres.PostgresError && TROUBLE.has(error.code.slice(0, 2));
}
