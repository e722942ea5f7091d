import { Refusal } from "./refusal.ts";

/** Requests in a minute: a player asks for events and for each asset of a page. */
const PER_SHARE_MAX = 1_200;
/** Of tokens that open nothing, all together: nobody guesses 256 bits, and nobody should keep Postgres busy with trying. */
const UNKNOWN_MAX = 300;
const WINDOW_MS = 60_000;
const SHARES_MAX = 10_000;

const UNKNOWN = "";

/** Bounds what share links cost, in each API process: whoever has one is unknown, and may pass it on to a program. */
export class ShareLimit {
  readonly #spent = new Map<string, { count: number; since: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * @param shareId null where the token opens nothing
   * @throws Refusal `too_many_requests` with the seconds to wait
   */
  spend(shareId: string | null): void {
    const now = this.#now();
    const key = shareId ?? UNKNOWN;
    let entry = this.#spent.get(key);
    if (!entry || entry.since + WINDOW_MS <= now) {
      this.#spent.delete(key);
      const [oldest] = this.#spent.keys();
      if (oldest !== undefined && this.#spent.size >= SHARES_MAX) this.#spent.delete(oldest);
      entry = { count: 0, since: now };
      this.#spent.set(key, entry);
    }
    if (++entry.count <= (shareId === null ? UNKNOWN_MAX : PER_SHARE_MAX)) return;
    throw new Refusal("too_many_requests", {}, { retryAfterS: Math.ceil((entry.since + WINDOW_MS - now) / 1_000) });
  }
}
