import postgres from "postgres";
import { forgiveLostTypes } from "./unowned-rejection.ts";

export type Sql = postgres.Sql<Record<string, unknown>>;

/** The pool, or a transaction of it. */
export type Queryable = postgres.ISql<Record<string, unknown>>;

/**
 * @param url `postgres://user:password@host:port/database`
 * @param application names the part in `pg_stat_activity`
 */
export function openPostgres(url: string, application: string): Sql {
  forgiveLostTypes();
  return postgres(url, {
    max: 8,
    connect_timeout: 5,
    idle_timeout: 60,
    // After an outage the next query waits a second at most; the driver's own delays grow to twenty.
    backoff: (attempts) => Math.min(0.05 * 2 ** attempts, 1),
    onnotice: () => {},
    connection: {
      application_name: application,
      statement_timeout: 30_000,
      // The driver prepares what it sends. A plan for whatever the parameters may be is a bad one where some values are
      // rare and others are not, as in lists with filters.
      plan_cache_mode: "force_custom_plan",
    },
  });
}
