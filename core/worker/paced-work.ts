/**
 * Work that takes as long as somebody's recording has it: in between, beats, pings and probes get their turn, and beyond
 * a budget it ends. Only the time of its own pieces counts, not that of what else the process does.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

const TURN_MS = 50;

export class WorkTooLong extends Error {}

export class PacedWork {
  readonly #budgetMs: number;
  readonly #now: () => number;
  #spentMs = 0;
  #turnAtMs = TURN_MS;

  constructor(budgetMs: number, now = () => performance.now()) {
    this.#budgetMs = budgetMs;
    this.#now = now;
  }

  /** @throws WorkTooLong once the pieces have taken longer than they may */
  do(piece: () => void): void {
    const began = this.#now();
    piece();
    this.#spentMs += this.#now() - began;
    if (this.#spentMs > this.#budgetMs) throw new WorkTooLong(`more than ${this.#budgetMs} ms of work`);
  }

  /** Whether others have waited long enough. */
  get isTurn(): boolean {
    return this.#spentMs >= this.#turnAtMs;
  }

  async turn(): Promise<void> {
    this.#turnAtMs = this.#spentMs + TURN_MS;
    await nextTurn();
  }
}
