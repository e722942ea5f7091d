import { Refusal } from "./refusal.ts";

/** Requests in a minute: a player asks for events and for each asset of a page. */
const PER_SHARE_MAX = 1_200;
/** Of tokens that open nothing, all together: nobody guesses 256 bits, and nobody should keep Postgres busy with trying. */
const UNKNOWN_MAX = 300;
const WINDOW_MS = 60_000;
/** The oldest is forgotten first. */
const REMEMBERED_MAX = 10_000;

const UNKNOWN = "";

/** In the window that began `since`, ms. */
interface Spent {
  count: number;
  since: number;
}

/**
 * Bounds what share links cost, in each API process: whoever has one is unknown, and may pass it on to a program. Not by
 * network: visitors come from the console's server, all of them. So a token that opened something is told from others, and
 * is asked after whatever those do; of the others, beyond their bound, one at a time, lest somebody who tries tokens keeps
 * out whoever opens a link first.
 */
export class ShareLimit {
  readonly #spent = new Map<string, Spent>();
  /** Of tokens that opened something, by their hash. */
  readonly #shareIds = new Map<string, string>();
  readonly #now: () => number;
  #isTryingBeyond = false;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * What the token opens, where it may be looked up.
   * @param hash the token's
   * @returns null where it opens nothing
   * @throws Refusal `too_many_requests` with the seconds to wait, and what `look` throws
   */
  async open<Share extends { share_id: string }>(
    hash: Buffer,
    look: () => Promise<Share | null>,
  ): Promise<Share | null> {
    const key = hash.toString("base64");
    const known = this.#shareIds.get(key);
    if (known !== undefined) {
      this.#spend(known);
      const share = await look();
      if (!share) this.#shareIds.delete(key);
      return share;
    }
    const share = await this.#try(look);
    if (!share) return null;
    keep(this.#shareIds, key, share.share_id);
    this.#spend(share.share_id);
    return share;
  }

  /** Counted before it is looked up: however many come at once. */
  async #try<Share>(look: () => Promise<Share | null>): Promise<Share | null> {
    const tried = this.#entry(UNKNOWN);
    if (tried.count >= UNKNOWN_MAX) return this.#tryBeyond(look, tried);
    tried.count++;
    const share = await look();
    if (share) tried.count--;
    return share;
  }

  async #tryBeyond<Share>(look: () => Promise<Share | null>, tried: Spent): Promise<Share> {
    if (this.#isTryingBeyond) throw new Refusal("too_many_requests", {}, { retryAfterS: 1 });
    this.#isTryingBeyond = true;
    try {
      const share = await look();
      if (!share) throw this.#refusal(tried);
      return share;
    } finally {
      this.#isTryingBeyond = false;
    }
  }

  #spend(shareId: string): void {
    const entry = this.#entry(shareId);
    if (++entry.count > PER_SHARE_MAX) throw this.#refusal(entry);
  }

  #entry(key: string): Spent {
    const now = this.#now();
    const known = this.#spent.get(key);
    if (known && known.since + WINDOW_MS > now) return known;
    this.#spent.delete(key);
    const entry = { count: 0, since: now };
    keep(this.#spent, key, entry);
    return entry;
  }

  #refusal({ since }: Spent): Refusal {
    const retryAfterS = Math.ceil((since + WINDOW_MS - this.#now()) / 1_000);
    return new Refusal("too_many_requests", {}, { retryAfterS });
  }
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size >= REMEMBERED_MAX) map.delete(oldest);
  map.set(key, value);
}
