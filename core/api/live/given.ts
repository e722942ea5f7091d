import { z } from "zod";
import { comparePlaces, type IndexedBatch } from "#core/facts/play-order.ts";
import { type Range, union } from "#core/facts/ranges.ts";
import { WindowId } from "#protocol/batch.ts";
import { cursorOf, toCursor } from "../cursor.ts";

const Whole = z.int().min(0);
const Seqs = z.array(z.tuple([Whole, Whole]));
const Place = z.tuple([z.number(), Whole, z.guid()]);

/** A session may have had many windows; a header line has its bounds. */
const CURSOR_LENGTH_MAX = 6_000;

/**
 * What a watcher of a live session was given: of each window its `seq`s, so that a batch which comes late is given all
 * the same, and none twice, over whatever connections. Where seqs name nothing (the window `''`) it is the last place,
 * and what comes late before it is left to the replay.
 */
export class Given {
  readonly #seqs: Map<string, readonly Range[]>;
  #place: z.infer<typeof Place> | null;

  constructor(seqs: Iterable<readonly [string, readonly Range[]]> = [], place: z.infer<typeof Place> | null = null) {
    this.#seqs = new Map(seqs);
    this.#place = place;
  }

  has(batch: IndexedBatch): boolean {
    const { window_id, seq } = batch;
    if (window_id !== "") return (this.#seqs.get(window_id) ?? []).some(([from, to]) => from <= seq && seq <= to);
    if (!this.#place) return false;
    const [first_ts, placeSeq, batch_id] = this.#place;
    return comparePlaces("", batch, { first_ts, seq: placeSeq, batch_id }) <= 0;
  }

  add(batch: IndexedBatch): void {
    const { window_id, seq, first_ts, batch_id } = batch;
    if (window_id !== "") this.#seqs.set(window_id, union([...(this.#seqs.get(window_id) ?? []), [seq, seq]]));
    else if (!this.has(batch)) this.#place = [first_ts, seq, batch_id];
  }

  toCursor(): string {
    return toCursor([[...this.#seqs], this.#place]);
  }
}

/** Reads what `toCursor` wrote. */
export const GivenCursor = cursorOf(
  z.tuple([z.array(z.tuple([WindowId, Seqs])), Place.nullable()]).transform(([seqs, place]) => new Given(seqs, place)),
  CURSOR_LENGTH_MAX,
).openapi({ description: "as `Last-Event-ID`, for who cannot send that header" });
