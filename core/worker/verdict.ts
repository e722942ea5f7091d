import { isClickHouseLate, isClickHouseTrouble } from "#core/store/clickhouse/trouble.ts";
import { isPostgresTrouble } from "#core/store/postgres/trouble.ts";

/** What a stage may say of a batch. There is no fourth: nothing is skipped, and nothing is given back to the stream. */

/** Its rows are on disk and can be read. */
export interface Loaded {
  kind: "loaded";
}

/** It can never be loaded, at no attempt and by no worker: it becomes a dead letter. */
export interface Dead {
  kind: "dead";
  /** One word: counted by it. */
  reason: string;
  detail: string;
}

/** An engine did not do it. The batch is kept in progress and the stage tried again. */
export interface Held {
  kind: "held";
  engine: Engine;
  why: string;
  /** Whether the batches themselves may be why, should the engine answer to others. An outage costs a batch nothing. */
  mayBeOwn: boolean;
  /** It was not done in time. A slow engine says so of any batch, and answers to others: by itself it condemns none. */
  isLate: boolean;
  /** Where it was an insert. */
  table?: string;
}

export type Engine = "clickhouse" | "postgres";

/** A stage over all of a lot has done its work. */
export interface Done {
  kind: "done";
}

export const DONE: Done = { kind: "done" };
export const LOADED: Loaded = { kind: "loaded" };

export function dead(reason: string, detail = ""): Dead {
  return { kind: "dead", reason, detail };
}

export function held(engine: Engine, cause: unknown): Held {
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  const isLate = engine === "clickhouse" && isClickHouseLate(cause);
  return { kind: "held", engine, why, mayBeOwn: !isAboutEngine(engine, cause), isLate };
}

/** Whether an engine says of itself that it takes nothing now. A connection that broke says nothing of why. */
function isAboutEngine(engine: Engine, cause: unknown): boolean {
  return engine === "clickhouse" ? isClickHouseTrouble(cause) : isPostgresTrouble(cause);
}

export function isDead(value: object): value is Dead {
  return "kind" in value && value.kind === "dead";
}

export function isHeld(value: object): value is Held {
  return "kind" in value && value.kind === "held";
}
