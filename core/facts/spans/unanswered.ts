/**
 * Clicks of which nothing has come so far. They come in the order of `at`, and are kept in it and by `ts`: an event finds
 * those that it concerns without a look at the others, of which a recording may have ten thousand at every event.
 */

/** After which a click of which nothing came is dead. */
const DEAD_MS = 2_500;
/** A request that began in time may be told as late as it ends. */
const TOLD_LATE_MS = 120_000;

interface Clicked {
  readonly moment: { readonly at: number; readonly ts: number };
}

export class Unanswered<C extends Clicked> {
  /** Of the clicks whose 2.5 s are not over, and of the dead ones. */
  readonly #max: number;
  /** Whose 2.5 s are not over. */
  #waiting: C[] = [];
  /** Dead by all that is known so far. */
  #dead: C[] = [];
  /** All of them. */
  #byTs: C[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get isEmpty(): boolean {
    return this.#byTs.length === 0;
  }

  get hasRoom(): boolean {
    return this.#waiting.length < this.#max;
  }

  add(click: C): void {
    this.#waiting.push(click);
    const { ts } = click.moment;
    this.#byTs.splice(
      firstWhere(this.#byTs, (other) => other.moment.ts > ts),
      0,
      click,
    );
  }

  /**
   * An event comes.
   *
   * @param began when the requests began that it tells of, by the client's clock, ms
   * @returns clicks that are dead, whatever comes now
   */
  settle(at: number, began: readonly number[]): C[] {
    for (let first = this.#waiting[0]; first && at - first.moment.at > DEAD_MS; first = this.#waiting[0]) {
      this.#waiting.shift();
      // More are not told.
      if (this.#dead.length < this.#max) this.#dead.push(first);
      else this.#forget(first);
    }
    for (const time of began) this.#lead(time);
    const told: C[] = [];
    for (let first = this.#dead[0]; first && at - first.moment.at > TOLD_LATE_MS; first = this.#dead[0]) {
      this.#dead.shift();
      this.#forget(first);
      told.push(first);
    }
    return told;
  }

  /** The page answers all that wait, or nothing is known of what it does. */
  answer(): void {
    const answered = this.#waiting;
    this.#waiting = [];
    for (const click of answered) this.#forget(click);
  }

  /** @returns clicks that are dead, since nothing comes any more */
  end(): C[] {
    const told = this.#dead;
    this.#waiting = [];
    this.#dead = [];
    this.#byTs = [];
    return told;
  }

  /** Takes out those that a request came of. */
  #lead(time: number): void {
    const from = firstWhere(this.#byTs, ({ moment }) => moment.ts + DEAD_MS >= time);
    const to = firstWhere(this.#byTs, ({ moment }) => moment.ts > time);
    if (from >= to) return;
    for (const click of this.#byTs.splice(from, to - from)) {
      if (!takeOut(this.#waiting, click, "at")) takeOut(this.#dead, click, "at");
    }
  }

  #forget(click: C): void {
    takeOut(this.#byTs, click, "ts");
  }
}

/** @param by what the clicks are in the order of */
function takeOut<C extends Clicked>(clicks: C[], click: C, by: "at" | "ts"): boolean {
  const time = click.moment[by];
  const place = clicks.indexOf(
    click,
    firstWhere(clicks, (other) => other.moment[by] >= time),
  );
  if (place < 0) return false;
  clicks.splice(place, 1);
  return true;
}

/** The place of the first for which it is so, as it is for all after it. */
function firstWhere<T>(sorted: readonly T[], isSo: (one: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(sorted[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
