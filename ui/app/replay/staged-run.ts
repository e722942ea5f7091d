/** One run of a window's events (stretches.ts) on a stage of its own: fetches its stretches and puts them there. */

import type { RrwebEvent } from "#core/replay/rrweb-event.ts";
import type { PlayerStage } from "./player-stage.ts";
import type { FetchStretch, StretchStart } from "./recording.ts";
import {
  grown,
  inOrder,
  isOutlived,
  mustWait,
  planSeek,
  type Run,
  type SeekPlan,
  stretchEvents,
  wantsMore,
} from "./stretches.ts";
import type { PlayableWindow } from "./windows.ts";

const PREFETCH_RETRY_MS = 3_000;

interface StagedRunOptions {
  /** May grow meanwhile. */
  window: PlayableWindow;
  /** Session time 0, on the recorded browser's clock. */
  startTs: number;
  fetchStretch: FetchStretch;
  /** Opens the stage, with the first stretch. */
  openStage(events: RrwebEvent[]): Promise<PlayerStage>;
  /** More of it is on the stage. */
  onGrown(): void;
}

export class StagedRun {
  readonly #options: StagedRunOptions;
  /** Null until the first stretch is there. */
  #run: Run | null = null;
  #stage: PlayerStage | null = null;
  /** Ends what is being fetched once nobody wants the run any more. */
  readonly #left = new AbortController();
  #growing: Promise<void> | null = null;
  #prefetchAfter = 0;

  constructor(options: StagedRunOptions) {
    this.#options = options;
  }

  /** Null until there is something to show. */
  get stage(): PlayerStage | null {
    return this.#stage;
  }

  get fromMs(): number {
    return this.#run?.fromMs ?? 0;
  }

  /** All before is on the stage. */
  get untilMs(): number {
    if (!this.#run) return 0;
    return this.isWhole ? this.#options.window.toMs : this.#run.untilMs;
  }

  /** The window's end is on the stage. */
  get isWhole(): boolean {
    return this.#run !== null && this.#run.cursor === null;
  }

  planSeek(targetMs: number): SeekPlan {
    return this.#run ? planSeek(this.#run, targetMs, this.#options.window.snapshotsMs) : "restart";
  }

  mustWait(timeMs: number): boolean {
    return !this.#run || mustWait(this.#run, timeMs);
  }

  isOutlived(timeMs: number): boolean {
    return this.#run !== null && isOutlived(this.#run, timeMs, this.#options.window.snapshotsMs);
  }

  /** Fetches one more stretch; at most one at a time. The first one opens the stage. */
  grow(targetMs: number): Promise<void> {
    this.#growing ??= this.#fetchAndAdd(targetMs).finally(() => {
      this.#growing = null;
    });
    return this.#growing;
  }

  /** Loads ahead. Where that fails there is still something to play: it is tried again, and told when it is missed. */
  prefetch(timeMs: number, speed: number): void {
    if (this.#growing || performance.now() < this.#prefetchAfter) return;
    if (!this.#run || !wantsMore(this.#run, timeMs, speed)) return;
    this.grow(timeMs).catch(() => {
      this.#prefetchAfter = performance.now() + PREFETCH_RETRY_MS;
    });
  }

  /** Nothing comes of it any more; what is on its stage stays there. */
  leave(): void {
    this.#left.abort();
    this.#stage?.pause();
  }

  async #fetchAndAdd(targetMs: number): Promise<void> {
    const { window, startTs, fetchStretch, openStage, onGrown } = this.#options;
    const { signal } = this.#left;
    const start: StretchStart = this.#run?.cursor ? { cursor: this.#run.cursor } : { atMs: targetMs };
    const stretch = await fetchStretch(window.windowId, start, stretchEvents(this.#run, targetMs), signal);
    if (signal.aborted) return;
    if (!this.#run && stretch.events.length === 0) throw new Error("Nothing of this window is here any more");
    const floorTs = startTs + (this.#run?.untilMs ?? 0);
    const ceilingTs = window.isOpen ? Number.POSITIVE_INFINITY : startTs + window.toMs;
    const events = inOrder(stretch.events, floorTs, ceilingTs);
    if (this.#stage) this.#stage.add(events);
    else {
      const stage = await openStage(events);
      if (signal.aborted) {
        stage.destroy();
        return;
      }
      this.#stage = stage;
    }
    const timesMs = events.map(({ timestamp }) => timestamp - startTs);
    this.#run = grown(this.#run, timesMs, stretch.cursor);
    onGrown();
  }
}
