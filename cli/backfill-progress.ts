/** How far a backfill is, by the stream's sequences, and what became of the batches, by the stages' own counters. */
import type { KeptMessage, KeptRange } from "#core/worker/kept-stream.ts";
import type { Metrics } from "#core/worker/metrics.ts";
import { bytes, count, seconds } from "./terminal.ts";

interface Tally {
  loaded: number;
  dead: number;
  bytes: number;
  /** Of the dead ones, how many for each reason. */
  reasons: [reason: string, batches: number][];
}

export class BackfillProgress {
  readonly #range: KeptRange;
  readonly #metrics: Metrics;
  readonly #clock: () => number;
  readonly #startedAt: number;
  readonly #taken = new Map<number, Date>();
  #messages = 0;
  #last: { seq: number; at: Date } | null = null;
  #waiting: string | null = null;

  /** @param clock ms */
  constructor(range: KeptRange, metrics: Metrics, clock: () => number = () => performance.now()) {
    this.#range = range;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#startedAt = clock();
  }

  /** The messages, as they are taken into the stages. */
  async *taking(messages: AsyncIterable<KeptMessage>): AsyncGenerator<KeptMessage> {
    for await (const message of messages) {
      this.#taken.set(message.seq, message.at);
      yield message;
    }
  }

  /** Everything in these messages is loaded or a dead letter. */
  settled(messages: readonly Pick<KeptMessage, "seq">[]): void {
    this.#messages += messages.length;
    for (const { seq } of messages) {
      const at = this.#taken.get(seq);
      this.#taken.delete(seq);
      if (at && (!this.#last || seq > this.#last.seq)) this.#last = { seq, at };
    }
  }

  /** @param why null when it is over */
  waiting(why: string | null): void {
    this.#waiting = why;
  }

  get isDone(): boolean {
    return this.#last?.seq === this.#range.last;
  }

  /** When the stream took the last message that is settled. */
  get settledUntil(): Date | null {
    return this.#last?.at ?? null;
  }

  /** Changes when a new line is due where there is no terminal: with each tenth of the way, and each wait. */
  step(): string {
    return this.#waiting ?? String(Math.floor(10 * this.#share()));
  }

  async line(): Promise<string> {
    const tally = await this.#tally();
    const ms = this.#clock() - this.#startedAt;
    const share = this.#share();
    const left = share > 0 ? `${seconds((ms * (1 - share)) / share)} left` : "…";
    const done = `${count(this.#messages)} messages · ${count(tally.loaded)} batches · ${bytes(tally.bytes)}`;
    const line = `${Math.floor(100 * share)} % · ${done} · ${rate(tally.loaded, ms)} · ${left}`;
    return this.#waiting ? `${line} · ${this.#waiting}` : line;
  }

  async summary(): Promise<[name: string, value: string][]> {
    const tally = await this.#tally();
    const ms = this.#clock() - this.#startedAt;
    const { first, last } = this.#range;
    return [
      [
        "messages",
        `${count(this.#messages)}, sequences ${count(first)} to ${count(this.#last?.seq ?? first - 1)} of ${count(last)}`,
      ],
      ["batches loaded again", `${count(tally.loaded)} · ${bytes(tally.bytes)} of events · ${rate(tally.loaded, ms)}`],
      [
        "dead letters",
        [count(tally.dead), ...tally.reasons.map(([reason, times]) => `${times} × ${reason}`)].join(" · "),
      ],
      ["took", seconds(ms)],
    ];
  }

  #share(): number {
    const { first, last } = this.#range;
    return this.#last ? (this.#last.seq - first + 1) / (last - first + 1) : 0;
  }

  async #tally(): Promise<Tally> {
    const [batches, inflated, reasons] = await Promise.all([
      this.#metrics.batches.get(),
      this.#metrics.bytes.get(),
      this.#metrics.deadLetters.get(),
    ]);
    const of = (verdict: string) => batches.values.find(({ labels }) => labels.verdict === verdict)?.value ?? 0;
    return {
      loaded: of("loaded"),
      dead: of("dead"),
      bytes: inflated.values[0]?.value ?? 0,
      reasons: reasons.values.map(({ labels, value }) => [String(labels.reason), value]),
    };
  }
}

function rate(batches: number, ms: number): string {
  return `${count(ms > 0 ? Math.round((1_000 * batches) / ms) : 0)} batches/s`;
}
