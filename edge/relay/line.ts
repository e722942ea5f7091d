/** Batches that wait for one relay, those of one subject and project, and who takes them there. */
import { GROUP_BYTES_MAX, GROUPED_BATCH_BYTES_MAX } from "#protocol/limits.ts";
import type { Frame } from "#protocol/message.ts";
import type { PublishOutcome } from "./interface.ts";

/** So many do not wait for what is under way. Fewer would make a PubAck and a disk sync cost more than the wait does. */
export const MUCH_BATCHES = 20;
/** A leader gives its place up after this: the platform ends what runs for 30 s after its answer. */
const LEADS_MS_MAX = 10_000;

/** One outcome for all, or one for each in their order. Null: not brought by this leader. */
export type Answer = PublishOutcome[] | null;

/** What goes to the relay together. */
export class Load {
  readonly frames: Frame[] = [];
  #bytes = 0;
  /** Who waits, in the order of the frames. */
  readonly #waiting: ((answer: Answer) => void)[] = [];

  hasRoomFor(bytes: number): boolean {
    return bytes <= GROUPED_BATCH_BYTES_MAX && this.#bytes + bytes <= GROUP_BYTES_MAX;
  }

  /** @returns its place in the answer */
  add(frame: Frame, bytes: number, waiting: (answer: Answer) => void): number {
    this.#bytes += bytes;
    this.#waiting.push(waiting);
    return this.frames.push(frame) - 1;
  }

  /** Who waits hears the first answer alone. */
  settle(answer: Answer): void {
    for (const waiting of this.#waiting) waiting(answer);
  }
}

export class Line {
  readonly #clock: () => number;
  readonly #until: number;
  /** When a load was last taken, ms. */
  #takenAt: number;
  /** What is being collected. */
  load = new Load();
  /** By which a relay of this isolate takes loads itself. */
  supply: Supply | null = null;
  /** Calls under way beside the leader's. */
  ahead = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#takenAt = clock();
    this.#until = this.#takenAt + LEADS_MS_MAX;
  }

  /** The next load, if at least so many batches wait and the leader's time is not over. */
  take(atLeast: number): Load | null {
    if (this.load.frames.length < atLeast || this.isOver) return null;
    this.#takenAt = this.#clock();
    const { load } = this;
    this.load = new Load();
    return load;
  }

  /** Whether the leader's time is over. */
  get isOver(): boolean {
    return this.#clock() > this.#until;
  }

  /** Whether nobody has taken anything for longer than that, though something was under way. */
  isGone(afterMs: number): boolean {
    return this.#clock() - this.#takenAt > afterMs;
  }
}

/**
 * What a call brings: a load and, where the relay runs in this isolate, what comes to the line meanwhile, which the relay
 * takes and settles by itself. That saves a call for each group.
 */
export class Supply {
  readonly first: Load;
  readonly #line: Line | null;
  readonly #unsettled: Set<Load>;
  #tellAt = Number.POSITIVE_INFINITY;
  #wake = () => {};

  /** @param line from which more may be taken */
  constructor(first: Load, line: Line | null) {
    this.first = first;
    this.#line = line;
    this.#unsettled = new Set([first]);
  }

  /** From here on the relay takes by itself. */
  begin(): void {
    if (this.#line) this.#line.supply = this;
  }

  /** How many batches wait. */
  get waiting(): number {
    return this.#line?.load.frames.length ?? 0;
  }

  /** Whether nothing more may be taken. */
  get isOver(): boolean {
    return this.#line?.isOver ?? true;
  }

  /** @param wake called once so many wait. It resolves a promise of the relay's: more a request may not do in its context. */
  tellAt(batches: number, wake: () => void): void {
    this.#tellAt = batches;
    this.#wake = wake;
  }

  /** So many batches wait now. */
  tell(batches: number): void {
    if (batches < this.#tellAt) return;
    this.#tellAt = Number.POSITIVE_INFINITY;
    this.#wake();
  }

  /** The next load, if at least so many batches wait and the leader's time is not over. To be settled here. */
  take(atLeast: number): Load | null {
    const load = this.#line?.take(atLeast) ?? null;
    if (load) this.#unsettled.add(load);
    return load;
  }

  /** @param load one that was taken here, or the first */
  settle(load: Load, answer: Answer): void {
    this.#unsettled.delete(load);
    load.settle(answer);
  }

  /** The call is over: who has had no answer gets this one. */
  end(answer: Answer): void {
    if (this.#line?.supply === this) this.#line.supply = null;
    for (const load of this.#unsettled) this.settle(load, answer);
  }
}
