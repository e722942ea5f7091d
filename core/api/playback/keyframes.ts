import { Refusal } from "../refusal.ts";
import type { PlayedEvent } from "./read-events.ts";

export interface Keyframe {
  events: PlayedEvent[];
  /** The last event that is in it; null where none is, and so no keyframe. */
  last: Pick<PlayedEvent, "batch" | "idx"> | null;
}

const KEPT_BYTES_MAX = 64 * 1024 * 1024;
/** Folds of hours of a recording that run at once; of one share, one. */
const RUNNING_MAX = 4;

/** Each is folded once and kept while there is room: whoever has a link may ask again and again. */
export class Keyframes {
  readonly #kept = new Map<string, Keyframe>();
  readonly #running = new Map<string, { key: string; made: Promise<Keyframe> }>();
  #bytes = 0;

  /**
   * @param key of the share, and of all that the keyframe is made of
   * @throws Refusal `too_many_requests` where others are being made
   */
  of(shareId: string, key: string, make: () => Promise<Keyframe>): Promise<Keyframe> {
    const kept = this.#kept.get(key);
    if (kept) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return Promise.resolve(kept);
    }
    const running = this.#running.get(shareId);
    if (running?.key === key) return running.made;
    if (running || this.#running.size >= RUNNING_MAX) {
      throw new Refusal("too_many_requests", { detail: "other shared pages are being made" }, { retryAfterS: 2 });
    }
    const made = this.#make(shareId, key, make);
    this.#running.set(shareId, { key, made });
    return made;
  }

  async #make(shareId: string, key: string, make: () => Promise<Keyframe>): Promise<Keyframe> {
    try {
      const keyframe = await make();
      this.#kept.set(key, keyframe);
      this.#bytes += bytesOf(keyframe);
      for (const [oldest, kept] of this.#kept) {
        if (this.#bytes <= KEPT_BYTES_MAX) break;
        this.#kept.delete(oldest);
        this.#bytes -= bytesOf(kept);
      }
      return keyframe;
    } finally {
      this.#running.delete(shareId);
    }
  }
}

/** And somewhat for the entry itself. */
function bytesOf({ events }: Keyframe): number {
  return events.reduce((sum, { payload }) => sum + payload.length, 1_024);
}
