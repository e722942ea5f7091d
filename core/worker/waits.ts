import type { Logger } from "pino";
import type { Metrics } from "./metrics.ts";

/** What the worker waits for: said once when a wait begins and once when it is over, and shown by `/healthz`. */
export class Waits {
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #waits = new Map<string, { why: string; since: number }>();

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** @param why null when it is over */
  set(engine: string, why: string | null): void {
    const wait = this.#waits.get(engine);
    this.#metrics.waiting.set({ engine }, why === null ? 0 : 1);
    if (why === null) {
      this.#waits.delete(engine);
      if (wait) this.#log.info({ engine, seconds: Math.round((Date.now() - wait.since) / 1_000) }, "wait_over");
    } else {
      this.#waits.set(engine, { why, since: wait?.since ?? Date.now() });
      if (wait?.why !== why) this.#log.warn({ engine, why }, "waiting");
    }
  }

  lines(): string[] {
    return [...this.#waits].map(([engine, { why }]) => `${engine}: ${why}`);
  }
}
