/**
 * How many of people's own queries run at once. A query holds its place until the engine is done with it, not until nobody
 * waits for it any more: one call of some functions (a regular expression that backtracks over a long text) heeds neither
 * the query's time nor a KILL, and whoever leaves such a query must not be free to start the next.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";
import { Refusal } from "../refusal.ts";

/** A query's own, which the engine heeds between blocks of rows. */
export const TIME_MAX_S = 10;
export const OUT_OF_TIME = `it takes more than ${TIME_MAX_S} s`;

const OF_PROJECT_MAX = 2;
const OF_ALL_MAX = 6;

/** Between two looks at what the engine runs: longer and longer, up to the last. */
const LOOK_AFTER_MS = [250, 500, 1_000, 2_000, 5_000];
const LOOK_MS = 3_000;
/** An engine that cannot be asked so often has been started anew, or does not show its queries: it holds nobody off. */
const UNANSWERED_MAX = 3;

/** Runs `work`, whose queries bear the mark it is given in their `log_comment`. */
export type RunHeld = <T>(projectId: number, work: (mark: string) => Promise<T>) => Promise<T>;

/** @param clickhouse may see what others run */
export function runningQueries(clickhouse: ClickHouseClient): RunHeld {
  const running = new Map<number, number>();

  function take(projectId: number): void {
    const ofProject = running.get(projectId) ?? 0;
    const all = [...running.values()].reduce((sum, count) => sum + count, 0);
    if (ofProject >= OF_PROJECT_MAX || all >= OF_ALL_MAX) {
      throw new Refusal("too_many_requests", { detail: "other queries are running" }, { retryAfterS: 2 });
    }
    running.set(projectId, ofProject + 1);
  }

  function free(projectId: number): void {
    const left = (running.get(projectId) ?? 1) - 1;
    if (left > 0) running.set(projectId, left);
    else running.delete(projectId);
  }

  return async (projectId, work) => {
    take(projectId);
    // shorter than a session's id, which row policies look for in the comment
    const mark = `query=${randomBytes(8).toString("hex")}`;
    let answered = false;
    try {
      const result = await work(mark);
      answered = true;
      return result;
    } catch (error) {
      answered = isOfEngine(error);
      // No answer in time, and the engine is well: it is at the query still. That is not for the caller to try again.
      if (isAway(error) && (await isAtIt(clickhouse, mark))) {
        throw new Refusal("sql_over_limit", { detail: OUT_OF_TIME }, { cause: error });
      }
      throw error;
    } finally {
      if (answered) free(projectId);
      else void untilGone(clickhouse, mark).then(() => free(projectId));
    }
  };
}

/** The engine's own answer to a query, after which it runs no more. */
function isOfEngine(error: unknown): boolean {
  return error instanceof Refusal && (error.code === "sql_refused" || error.code === "sql_over_limit");
}

function isAway(error: unknown): boolean {
  return error instanceof Refusal && error.code === "storage_unavailable";
}

async function isAtIt(clickhouse: ClickHouseClient, mark: string): Promise<boolean> {
  try {
    return await askClickHouse((signal) => isRunning(clickhouse, mark, signal), { ms: LOOK_MS });
  } catch {
    return false;
  }
}

async function untilGone(clickhouse: ClickHouseClient, mark: string): Promise<void> {
  let unanswered = 0;
  for (let looks = 0; unanswered < UNANSWERED_MAX; looks += 1) {
    await sleep(LOOK_AFTER_MS[Math.min(looks, LOOK_AFTER_MS.length - 1)], undefined, { ref: false });
    try {
      if (!(await askClickHouse((signal) => isRunning(clickhouse, mark, signal), { ms: LOOK_MS }))) return;
      unanswered = 0;
    } catch {
      unanswered += 1; // whoever asks the engine for something next is told
    }
  }
}

async function isRunning(clickhouse: ClickHouseClient, mark: string, abort_signal: AbortSignal): Promise<boolean> {
  const found = await clickhouse.query({
    query: "SELECT 1 FROM system.processes WHERE position(Settings['log_comment'], {mark: String}) > 0 LIMIT 1",
    query_params: { mark },
    format: "JSONEachRow",
    clickhouse_settings: { log_comment: "api.sql-running" },
    abort_signal,
  });
  return (await found.json()).length > 0;
}
