/**
 * The last minute of a session that may not be sent yet, in memory alone: two spans, each from a full snapshot on. The
 * older one goes when the newer is a minute old and the next snapshot has come.
 */

/** The recorder takes a snapshot this often while a buffer is filled. */
export const SPAN_MS = 60_000;
/** Of a span, its snapshot included. What is beyond is not kept: then the buffer is not whole. */
const SPAN_LENGTH_MAX = 4 * 1024 * 1024;

export interface Buffer {
  /** False until a span has begun, and after one was cut off: what follows needs a snapshot before it. */
  readonly isWhole: boolean;
  /** Takes an event as JSON. A span may begin with it: it is the first that a full snapshot consists of. */
  add(event: string, at: number, begins: boolean): void;
  /** Empties it. */
  take(): string[];
}

export function createBuffer(): Buffer {
  let older: string[] = [];
  let newer: string[] = [];
  let begunAt = 0;
  let room = -1;

  return {
    get isWhole() {
      return room >= 0;
    },
    add(event, at, begins) {
      if (begins && (room < 0 || at - begunAt >= SPAN_MS)) {
        older = newer;
        newer = [];
        begunAt = at;
        room = SPAN_LENGTH_MAX;
      }
      if (room < 0) return;
      room -= event.length;
      if (room < 0) newer = [];
      else newer.push(event);
    },
    take() {
      const all = [...older, ...newer];
      older = newer = [];
      room = -1;
      return all;
    },
  };
}
