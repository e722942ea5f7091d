/**
 * Span facts: what can be told of a window's events in play order only. Pure over the batches that play (play-order.ts),
 * so late, doubled and shuffled deliveries come to the same facts in the end; a batch that comes late changes what was
 * told before, and all of it is told anew.
 *
 * The page is known from a full snapshot on, up to the next gap: where batches are missing, elements and texts are told
 * again from the next full snapshot. Memory is that of one page and of the facts, however long the window is.
 */
import { EventType } from "#protocol/event.ts";
import { DomFold, type FoldEvent } from "../dom/fold.ts";
import type { IndexedBatch } from "../play-order.ts";
import { Activity, type Interval } from "./activity.ts";
import { Clicks } from "./clicks.ts";
import type { Moment, SpanFact } from "./moment.ts";
import { type SeenText, SeenTexts } from "./seen-text.ts";
import { arrivalOf, Visits } from "./visits.ts";

/** Of the rules in this folder: where they change, all sessions are told anew. */
export const SPAN_RULES = 1;

export interface WindowFacts {
  facts: SpanFact[];
  texts: SeenText[];
  /** When somebody did something, by the client's clock, ms; apart and in order. */
  active: Interval[];
}

export class WindowReader {
  readonly #windowId: string;
  readonly #clicks = new Clicks();
  readonly #visits = new Visits();
  readonly #texts = new SeenTexts();
  readonly #activity = new Activity();
  readonly #fold = new DomFold();
  #isKnown = false;
  #batch: IndexedBatch | null = null;
  #last: Moment | null = null;
  #url = "";

  constructor(windowId: string) {
    this.#windowId = windowId;
  }

  /** Takes the next event in play order. */
  take(batch: IndexedBatch, idx: number, event: FoldEvent): void {
    if (batch !== this.#batch) this.#begin(batch);
    const moment = this.#momentOf(batch, idx, event);
    if (event.type === EventType.FullSnapshot) this.#isKnown = true;
    if (this.#isKnown || event.type === EventType.Meta) this.#fold.apply(event);
    const fold = this.#isKnown ? this.#fold : null;
    this.#activity.take(moment);
    this.#clicks.take(moment, fold);
    this.#visits.take(moment, fold);
    if (fold) this.#texts.take(moment, fold);
    this.#last = moment;
    this.#url = arrivalOf(moment) ?? this.#url;
  }

  end(): WindowFacts {
    const isOver = this.#batch?.is_end ?? false;
    return {
      facts: [...this.#clicks.end(), ...this.#visits.end(this.#last, isOver), ...this.#texts.facts],
      texts: this.#texts.texts,
      active: this.#activity.end(this.#last?.at ?? 0),
    };
  }

  /** In a window with an id batches are numbered from 0 on; in the window '' each page numbers its own. */
  #begin(batch: IndexedBatch): void {
    const next = this.#batch ? this.#batch.seq + 1 : 0;
    const follows = batch.seq === next || (this.#windowId === "" && batch.seq === 0);
    this.#batch = batch;
    if (this.#url === "") this.#url = batch.url;
    if (follows) return;
    this.#isKnown = false;
    this.#clicks.gap();
    this.#visits.gap();
    this.#texts.gap();
  }

  #momentOf({ batch_id, user_id }: IndexedBatch, idx: number, event: FoldEvent): Moment {
    const ts = event.timestamp;
    const at = Math.max(ts, this.#last?.at ?? Number.NEGATIVE_INFINITY);
    return { batch_id, user_id, idx, ts, at, url: this.#url, event };
  }
}
