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

/** An engine is away. The batch is kept in progress and the stage tried again; that costs the batch nothing. */
export interface Held {
  kind: "held";
  engine: "clickhouse" | "postgres";
  why: string;
}

/** A stage over all of a lot has done its work. */
export interface Done {
  kind: "done";
}

export const DONE: Done = { kind: "done" };
export const LOADED: Loaded = { kind: "loaded" };

export function dead(reason: string, detail = ""): Dead {
  return { kind: "dead", reason, detail };
}

export function held(engine: Held["engine"], cause: unknown): Held {
  return { kind: "held", engine, why: cause instanceof Error ? cause.message || cause.name : String(cause) };
}

export function isDead(value: object): value is Dead {
  return "kind" in value && value.kind === "dead";
}

export function isHeld(value: object): value is Held {
  return "kind" in value && value.kind === "held";
}
