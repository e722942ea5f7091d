import { Refusal } from "../refusal.ts";

const FAILURES_MAX = 10;
const WINDOW_MS = 15 * 60_000;

/** Addresses remembered; the oldest is forgotten first. */
const ADDRESSES_MAX = 10_000;

/** Each check keeps a core busy: more at once would only make all of them late. */
const CHECKS_AT_ONCE_MAX = 8;

export interface SignInAttempt {
  succeeded(): void;
  failed(): void;
  /** In any case, last. */
  end(): void;
}

/**
 * Bounds guessing: ten failures an e-mail address in a quarter of an hour, and a few checks at once, in each API process.
 * Counted by address and not by network, since all sign-ins come from the console's server.
 */
export class SignInLimit {
  readonly #failures = new Map<string, { count: number; since: number }>();
  readonly #now: () => number;
  #checks = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @throws Refusal `too_many_requests` with the seconds to wait */
  begin(email: string): SignInAttempt {
    const past = this.#recent(email);
    if (past && past.count >= FAILURES_MAX) {
      throw new Refusal(
        "too_many_requests",
        { detail: "too many failed attempts with this address" },
        { retryAfterS: Math.ceil((past.since + WINDOW_MS - this.#now()) / 1_000) },
      );
    }
    if (this.#checks >= CHECKS_AT_ONCE_MAX) throw new Refusal("too_many_requests", {}, { retryAfterS: 1 });
    this.#checks++;
    return {
      succeeded: () => this.#failures.delete(email),
      failed: () => this.#count(email),
      end: () => {
        this.#checks--;
      },
    };
  }

  /**
   * Work that ends in a check, or is as heavy as one, in its turn. A refusal of what was shown counts as a failure.
   * @throws Refusal as `begin`, and what the work throws
   */
  async check<T>(email: string, work: () => Promise<T>): Promise<T> {
    const attempt = this.begin(email);
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal && error.code === "credentials_wrong") attempt.failed();
      throw error;
    } finally {
      attempt.end();
    }
  }

  #recent(email: string) {
    const entry = this.#failures.get(email);
    if (!entry || entry.since + WINDOW_MS > this.#now()) return entry;
    this.#failures.delete(email);
    return undefined;
  }

  #count(email: string): void {
    const entry = this.#recent(email);
    if (entry) {
      entry.count++;
      return;
    }
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size >= ADDRESSES_MAX) this.#failures.delete(oldest);
    this.#failures.set(email, { count: 1, since: this.#now() });
  }
}
