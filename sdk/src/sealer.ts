/**
 * Cuts the stream of events into batches. Sealing is asynchronous (gzip), one batch at a time, so that numbers follow
 * the order of the events; a page that goes has no time for that and seals what is left at once.
 */
import { type BatchFacts, draft, SEALED_BYTES_MAX, type SealedBatch, sealed } from "./batch.ts";
import { gzip } from "./gzip.ts";
import { gzipNow } from "./gzip-now.ts";

/** What one waits longer than the last: requests are what an edge costs. */
const FLUSH_MS_STEP = 5_000;
const FLUSH_MS_MAX = 20_000;
/** No longer than this once so much waits that a page might not take it along (MUCH_LENGTH). */
const FLUSH_MS_MUCH = 5_000;
/** A snapshot is most of what a short visit has to tell, and is too large to leave with the page. */
const FLUSH_SNAPSHOT_MS = 250;
/** Rrweb's JSON shrinks by some 10:1, so this much is about one full batch. */
const FLUSH_LENGTH = 512 * 1024;
/** Of a piece that leaves with the page: one fits into the browser's 64 KB even where it cannot be made smaller. */
const HASTY_LENGTH = 48 * 1024;
/** Compressed at once, some five such pieces fit together. */
const MUCH_LENGTH = 4 * HASTY_LENGTH;

export interface SealerOptions {
  /** The facts of the next batch. */
  facts(): BatchFacts;
  /** Takes a batch that is fixed now; the next call of `facts` must give the next `seq`. */
  keep(batch: SealedBatch): void;
}

export interface Sealer {
  /** Takes one event as JSON. `isSnapshot` makes it leave soon. */
  add(event: string, isSnapshot: boolean): void;
  /** Seals what waits without waiting for more. */
  seal(): void;
  /** Seals all that waits now, in this very turn. `end` marks the last of the batches. */
  sealNow(end: boolean): SealedBatch[];
  /** Forgets all that waits: it has no number yet, and leaves no hole. */
  discard(): void;
}

export function createSealer({ facts, keep }: SealerOptions): Sealer {
  let waiting: string[] = [];
  let waitingLength = 0;
  /** Cut off and being compressed: still without a number, and so still to be saved when the page goes. */
  let closing: string[] = [];
  /** Tells a compression that its events have been sealed without it. */
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  /** How long the first of what waits may wait: longer from batch to batch. */
  let patienceMs = 0;

  function schedule(delayMs: number): void {
    const at = performance.now() + delayMs;
    if (at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void seal(), delayMs);
  }

  async function seal(): Promise<void> {
    clearTimeout(timer);
    dueAt = Number.POSITIVE_INFINITY;
    if (closing.length > 0) return; // the one under way looks after what came meanwhile
    closing = waiting;
    waiting = [];
    waitingLength = 0;
    const mine = ++turn;
    let take = closing.length;
    while (closing.length > 0) {
      const piece = closing.slice(0, take);
      const factsNow = facts();
      const { query, parts } = draft(factsNow, piece);
      const body = await gzip(parts);
      if (mine !== turn) return;
      if (body.byteLength > SEALED_BYTES_MAX && piece.length > 1) {
        take = Math.ceil(piece.length / 2);
        continue;
      }
      closing = closing.slice(piece.length);
      keep(sealed(factsNow, query, body));
    }
    patienceMs = Math.min(patienceMs + FLUSH_MS_STEP, FLUSH_MS_MAX);
    if (waiting.length > 0) schedule(delayMs());
  }

  function delayMs(): number {
    if (waitingLength >= FLUSH_LENGTH) return 0;
    return waitingLength >= MUCH_LENGTH ? FLUSH_MS_MUCH : Math.max(patienceMs, FLUSH_MS_STEP);
  }

  function takeAll(): string[] {
    turn++;
    clearTimeout(timer);
    dueAt = Number.POSITIVE_INFINITY;
    const all = [...closing, ...waiting];
    closing = [];
    waiting = [];
    waitingLength = 0;
    return all;
  }

  return {
    seal: () => void seal(),
    add(event, isSnapshot) {
      waiting.push(event);
      waitingLength += event.length;
      schedule(Math.min(delayMs(), isSnapshot ? FLUSH_SNAPSHOT_MS : FLUSH_MS_MAX));
    },

    sealNow(end) {
      const pieces = inPieces(takeAll(), HASTY_LENGTH);
      return pieces.map((piece, i) => {
        const base = facts();
        const left = pieces.length - 1 - i;
        const own = { ...base, sealedThrough: base.seq + left, end: end && left === 0 };
        const { query, parts } = draft(own, piece);
        const batch = sealed(own, query, gzipNow(parts));
        keep(batch);
        return batch;
      });
    },

    discard: () => void takeAll(),
  };
}

/** Consecutive events in pieces of at most `length` characters; a longer event stands alone. */
function inPieces(events: readonly string[], length: number): string[][] {
  const pieces: string[][] = [];
  let room = 0;
  for (const event of events) {
    const piece = pieces[pieces.length - 1];
    if (piece && event.length <= room) {
      piece.push(event);
      room -= event.length;
    } else {
      pieces.push([event]);
      room = length - event.length;
    }
  }
  return pieces;
}
