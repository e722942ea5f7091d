/**
 * What no finding of a rule is without, and where it lies in a text. Batches have millions of strings, and nearly none of
 * them a mark: so the text is gone through once a mark, and not once a mark and string.
 */
import type { Slice } from "#protocol/json-scan.ts";

export interface Mark {
  /** An expression never matches over a quote, so what begins in a string's token ends in it. */
  mark: string | RegExp;
  /** Whose it is: a bit each. */
  finders: number;
}

interface Place extends Mark {
  length: number;
  /** The first that is not before the stretch asked for last; Infinity where there is none. */
  next: number;
}

/** Asked for stretch after stretch of a text. Each may lie anywhere in it; in their order they cost least. */
export class MarkSearch {
  readonly #text: Buffer;
  readonly #start: number;
  readonly #places: Place[];
  #latin1: string | null = null;
  #asked = 0;
  /** Of all places, where the first begins and where one ends first. */
  #first = -1;
  #firstEnd = -1;

  /** @param text of which the slice alone is gone through */
  constructor(text: Buffer, { start, end }: Slice, marks: readonly Mark[]) {
    this.#text = text.subarray(0, end);
    this.#start = start;
    this.#places = marks.map(({ mark, finders }) => ({
      mark,
      finders,
      length: typeof mark === "string" ? mark.length : 1,
      next: -1,
    }));
  }

  /** Whose marks lie between the two. */
  within({ start, end }: Slice): number {
    const isBack = start < this.#asked;
    this.#asked = start;
    if (isBack) for (const place of this.#places) place.next = -1;
    if (isBack || start > this.#first) this.#goTo(start);
    if (this.#firstEnd > end) return 0;
    let found = 0;
    for (const { finders, length, next } of this.#places) if (next + length <= end) found |= finders;
    return found;
  }

  #goTo(start: number): void {
    this.#first = Number.POSITIVE_INFINITY;
    this.#firstEnd = Number.POSITIVE_INFINITY;
    for (const place of this.#places) {
      if (place.next < start) place.next = this.#find(place.mark, start);
      if (place.next < this.#first) this.#first = place.next;
      if (place.next + place.length < this.#firstEnd) this.#firstEnd = place.next + place.length;
    }
  }

  #find(mark: string | RegExp, from: number): number {
    if (typeof mark === "string") {
      const at = this.#text.indexOf(mark, from);
      return at === -1 ? Number.POSITIVE_INFINITY : at;
    }
    this.#latin1 ??= this.#text.toString("latin1", this.#start);
    const expression = new RegExp(mark, "g");
    expression.lastIndex = from - this.#start;
    const found = expression.exec(this.#latin1);
    return found ? found.index + this.#start : Number.POSITIVE_INFINITY;
  }
}
