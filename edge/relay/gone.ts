import { DELETED_HINT_MS, DeletedHint } from "#protocol/repair.ts";
import { readHint } from "./hint.ts";

const GONE_MAX = 10_000;

interface Session {
  project_id: number;
  session_id: string;
}

/** Deleted sessions of which batches have come here, as the worker hints. Kept in memory, and lost without harm. */
export class Gone {
  readonly #until = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#until.size === 0;
  }

  /** @param data as it came on `repair.{region}`; what is no such hint is ignored */
  note(data: Uint8Array, now: number): void {
    const hint = readHint(DeletedHint, data);
    if (!hint) return;
    this.#until.delete(nameOf(hint));
    if (this.#until.size >= GONE_MAX) this.#until.delete(this.#until.keys().next().value as string);
    this.#until.set(nameOf(hint), now + DELETED_HINT_MS);
  }

  has(session: Session, now: number): boolean {
    return (this.#until.get(nameOf(session)) ?? 0) > now;
  }
}

function nameOf({ project_id, session_id }: Session): string {
  return `${project_id}:${session_id}`;
}
