import { REPAIR_HINT_MS, RepairHint } from "#protocol/repair.ts";
import { readHint } from "./hint.ts";

const WANTS_MAX = 10_000;

interface Window {
  project_id: number;
  session_id: string;
  window_id: string;
}

/** What the worker wants of recorders whose batches come here. Hints: kept in memory, for a minute, and lost without harm. */
export class Wants {
  readonly #until = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#until.size === 0;
  }

  /** @param data as it came on `repair.{region}`; what is no hint is ignored */
  note(data: Uint8Array, now: number): void {
    const hint = readHint(RepairHint, data);
    if (!hint) return;
    if (this.#until.size >= WANTS_MAX) this.#until.delete(this.#until.keys().next().value as string);
    this.#until.set(nameOf(hint), now + REPAIR_HINT_MS);
  }

  /** Whether the recorder of this window is to be asked for a snapshot. Asking once is enough. */
  take(window: Window, now: number): boolean {
    const name = nameOf(window);
    const until = this.#until.get(name);
    if (until === undefined) return false;
    this.#until.delete(name);
    return until > now;
  }

  /** Of hints that nobody came for. */
  forgetExpired(now: number): void {
    // Oldest first: a map keeps the order in which names came.
    for (const [name, until] of this.#until) {
      if (until > now) return;
      this.#until.delete(name);
    }
  }
}

function nameOf({ project_id, session_id, window_id }: Window): string {
  return `${project_id}:${session_id}:${window_id}`;
}
