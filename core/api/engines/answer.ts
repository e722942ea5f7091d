/**
 * Every question to an engine ends in time: with its answer, or as the refusal that names the engine. A server that is
 * frozen keeps its sockets open and says nothing, so neither driver would ever notice by itself.
 */
import { Refusal } from "../refusal.ts";
import { isClickHouseAway, isPostgresAway } from "./away.ts";

/** For what a person or the edge waits: single rows by key. */
const LOOKUP_MS = 3_000;

/** For lists, stretches of a recording, and counts over a project. */
export const QUERY_MS = 20_000;

export type EngineName = "postgres" | "clickhouse";

/** @param ms the query may go on in Postgres after it (`statement_timeout` ends it there); nobody waits for it here */
export async function askPostgres<T>(query: PromiseLike<T>, ms = LOOKUP_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(away("postgres", new Error(`no answer in ${ms} ms`))), ms);
  });
  try {
    return await Promise.race([query, deadline]);
  } catch (error) {
    throw isPostgresAway(error) ? away("postgres", error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param ask starts the query with the signal that ends it, and reads its answer to the end
 * @param options.caller the caller's own signal: who has left needs no answer
 */
export async function askClickHouse<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { ms = QUERY_MS, caller }: { ms?: number; caller?: AbortSignal } = {},
): Promise<T> {
  caller?.throwIfAborted();
  const query = new AbortController();
  const late = new Error(`no answer in ${ms} ms`);
  const timer = setTimeout(() => query.abort(late), ms);
  const leave = () => query.abort();
  caller?.addEventListener("abort", leave, { once: true });
  try {
    return await ask(query.signal);
  } catch (error) {
    throw query.signal.reason === late || isClickHouseAway(error) ? away("clickhouse", error) : error;
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener("abort", leave);
  }
}

function away(engine: EngineName, cause: unknown): Refusal {
  return new Refusal("storage_unavailable", { detail: `${engine} does not answer now` }, { cause, retryAfterS: 2 });
}
