/**
 * Which sessions may be finished though their project's quota is used up: those that were begun before. Asked only then,
 * and once a session for as long as it lasts. While the core does not say, a session counts as begun: a quota is a
 * budget, and what is refused in error is lost.
 */
import type { Core } from "./core.ts";

const BEGUN_MS = 60 * 60 * 1_000;
/** What is new now may have been begun by another batch, which is being loaded. */
const NEW_MS = 60_000;
const UNTOLD_MS = 10_000;
const SESSIONS_MAX = 10_000;

export class BegunSessions {
  readonly #core: Core;
  readonly #clock: () => number;
  readonly #known = new Map<string, { begun: boolean; until: number }>();

  constructor(core: Core, clock: () => number = Date.now) {
    this.#core = core;
    this.#clock = clock;
  }

  async has(projectId: number, sessionId: string): Promise<boolean> {
    const name = `${projectId}:${sessionId}`;
    const known = this.#known.get(name);
    if (known && this.#clock() < known.until) return known.begun;
    const begun = await this.#core.isSessionBegun(projectId, sessionId);
    const heldMs = begun === null ? UNTOLD_MS : begun ? BEGUN_MS : NEW_MS;
    this.#known.delete(name);
    if (this.#known.size >= SESSIONS_MAX) this.#known.delete(this.#known.keys().next().value as string);
    this.#known.set(name, { begun: begun ?? true, until: this.#clock() + heldMs });
    return begun ?? true;
  }
}
