import type { Queryable, Sql } from "./client.ts";

/**
 * `sql.begin`, without its way of ending the process: where the connection goes in the middle, the driver (postgres.js
 * 3.4.9) still sends the rollback, or the next statement, to a socket that is null, and throws out of reach of any handler.
 * So once the connection is lost nothing more is sent, and the work is left where it is; the caller gets the error.
 */
export function inTransaction<T>(sql: Sql, work: (transaction: Queryable) => Promise<T>): Promise<T> {
  let isLost = false;
  const done = sql.begin((transaction) => {
    const guarded = new Proxy(transaction, {
      apply: (target, self, args) => (isLost ? never() : Reflect.apply(target, self, args)),
    });
    return work(guarded).catch((error: unknown) => {
      if (isLost || isConnectionLost(error)) return never<T>();
      throw error;
    });
  }) as Promise<T>;
  done.catch(() => {
    isLost = true;
  });
  return done;
}

/** Nobody waits for it: `begin` has been rejected by the connection's end. */
function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

/** The driver's codes and the socket's; those of Postgres itself are five characters. */
const LOST = new Set(["CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED", "ECONNRESET", "EPIPE"]);

function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && LOST.has(error.code);
}
