import type { Logger } from "pino";
import type { Metrics } from "./metrics.ts";

/** What the worker waits for: said once when a wait begins and once when it is over, and shown by `/healthz`. */
export class Waits {
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #waits = new Map<string, { why: string; since: number }>();
  /** Of an engine, the stage that waits for it. */
  readonly #stages = new Map<string, string>();

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

  /** A stage waits for an engine, or goes on: what another stage waits for is not over by that. */
  setStage(stage: string, held: { engine: string; why: string } | null): void {
    if (held) {
      this.#stages.set(held.engine, stage);
      this.set(held.engine, `${stage}: ${held.why}`);
      return;
    }
    for (const [engine, waiting] of this.#stages) {
      if (waiting !== stage) continue;
      this.#stages.delete(engine);
      this.set(engine, null);
    }
  }

  lines(): string[] {
    return [...this.#waits].map(([engine, { why }]) => `${engine}: ${why}`);
  }
}
