import type { PublishOutcome, RelayFigures } from "./interface.ts";

/** Upper bounds, ms. Coarse: they are to tell a fast server from a slow one, and a slow one from a dead one. */
const BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000];

/** What a relay counts since it was started: cumulative, as Prometheus wants them. */
export class Figures {
  readonly #answers = new Map<string, number>();
  readonly #counts = BOUNDS_MS.map(() => 0);
  #acks = 0;
  #sumMs = 0;
  #drained = 0;

  answered(outcome: PublishOutcome, batches: number): void {
    const name = nameOf(outcome);
    this.#answers.set(name, (this.#answers.get(name) ?? 0) + batches);
  }

  /** A message got its PubAck. */
  acked(tookMs: number): void {
    this.#acks++;
    this.#sumMs += tookMs;
    const bucket = BOUNDS_MS.findIndex((bound) => tookMs <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  drained(batches: number): void {
    this.#drained += batches;
  }

  read(): RelayFigures {
    const buckets: Record<string, number> = {};
    let below = 0;
    BOUNDS_MS.forEach((bound, i) => {
      below += this.#counts[i] ?? 0;
      buckets[String(bound)] = below;
    });
    return {
      answers: Object.fromEntries(this.#answers),
      messages: this.#acks,
      drained: this.#drained,
      puback_ms: { ...buckets, "+Inf": this.#acks },
      puback_ms_sum: this.#sumMs,
    };
  }
}

function nameOf(outcome: PublishOutcome): string {
  if (outcome.kind === "acked") return outcome.kind;
  if (outcome.kind === "gone") return "gone";
  return `${outcome.kind} ${outcome.kind === "limited" ? outcome.limit : outcome.reason}`;
}
