/** A PubAck may be late once: a disk that syncs, a network that hiccups. */
const OVERRUNS_MAX = 3;

/**
 * Tells a server that is too slow for its load. Everything published to it then is late, goes to the spool, and comes to
 * the same server a second time. While the breaker is open batches are spooled at once, and the drain alone tries the
 * server, one message at a time, until one is answered in time.
 */
export class Breaker {
  #overruns = 0;

  get isOpen(): boolean {
    return this.#overruns >= OVERRUNS_MAX;
  }

  /** A publish got no answer within its budget. */
  overrun(): void {
    this.#overruns++;
  }

  /** The server answered in time, be it by a refusal. */
  inTime(): void {
    this.#overruns = 0;
  }
}
