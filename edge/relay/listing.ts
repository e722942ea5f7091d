import type { RegistryClient } from "../registry/client.ts";

/** What a relay has said holds so long; then it says it again, should the registry have lost or misheard it. */
const SAID_AGAIN_MS = 10 * 60_000;
const RETRY_PAUSE_MIN_MS = 500;
const RETRY_PAUSE_MAX_MS = 30_000;

/**
 * A relay's entry in the registry: that it may hold batches, from its first spooled one until it is empty. Without it
 * nobody would ask after a relay of another continent, of a jurisdiction, or of a shard that no longer exists.
 *
 * It is never in the way of a batch. What the registry did not hear the alarm says again.
 */
export class Listing {
  readonly #registry: RegistryClient;
  readonly #name: string | null;
  readonly #mayHold: () => boolean;
  /** What the registry has heard in this life of the object: null when nothing, so that it may hold an earlier one's word. */
  #heard: { mayHold: boolean; at: number } | null = null;
  #saying: Promise<void> | null = null;
  #failures = 0;

  /** @param name null for an object that was not made by a relay's name: nobody could ask after it by one */
  constructor(registry: RegistryClient, name: string | null, mayHold: () => boolean) {
    this.#registry = registry;
    this.#name = name;
    this.#mayHold = mayHold;
  }

  /** A batch was spooled. A failure to say so is the alarm's to mend, not the next batch's. */
  spooled(): void {
    if (this.#saying === null && this.#failures === 0) void this.say();
  }

  /** Says whether the relay may hold batches, unless the registry knows. Takes as long as the registry may. */
  async say(): Promise<void> {
    while (this.#saying !== null) await this.#saying;
    const mayHold = this.#mayHold();
    const isNews = !this.#isHeard(mayHold) || (mayHold && Date.now() - (this.#heard?.at ?? 0) >= SAID_AGAIN_MS);
    if (this.#name === null || !isNews) return;
    this.#saying = this.#say(this.#name, mayHold);
    await this.#saying;
  }

  /** When the alarm should say it, ms since 1970; null when the registry knows. */
  dueAt(): number | null {
    if (this.#name === null || this.#isHeard(this.#mayHold())) return null;
    return Date.now() + Math.min(RETRY_PAUSE_MAX_MS, RETRY_PAUSE_MIN_MS * 2 ** Math.min(this.#failures, 16));
  }

  async #say(name: string, mayHold: boolean): Promise<void> {
    const at = Date.now();
    const isHeard = (await this.#registry.relaySays(name, mayHold, at)).kind === "heard";
    if (isHeard) this.#heard = { mayHold, at };
    this.#failures = isHeard ? 0 : this.#failures + 1;
    this.#saying = null;
  }

  #isHeard(mayHold: boolean): boolean {
    return this.#heard?.mayHold === mayHold;
  }
}
