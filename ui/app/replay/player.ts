/**
 * Plays a session: one window at a time, from stretches of its events that are fetched around the playhead.
 * React reads `state` (changes seldom) and `timeMs` (changes every frame) by subscribing to each.
 */
import { PlayerStage, type Speed } from "./player-stage.ts";
import type { FetchStretch, StretchStart } from "./recording.ts";
import type { RrwebEvent } from "./rrweb-event.ts";
import { grown, inOrder, mustWait, planSeek, type Run, stretchEvents, wantsMore } from "./stretches.ts";
import { nextAfter, openedBetween, type PlayableWindow, windowAt } from "./windows.ts";

export interface PlayerState {
  /** What the person wants. */
  playing: boolean;
  /** What is done about it: a first frame is made, more is waited for, it plays or stands, it has ended, or it failed. */
  phase: "opening" | "waiting" | "ready" | "ended" | "failed";
  windowId: string;
  speed: Speed;
  skipIdle: boolean;
  /** Idle time is being run through. */
  skipping: boolean;
  loadedFromMs: number;
  loadedUntilMs: number;
  /** Why it failed. */
  problem: string | null;
}

interface PlayerOptions {
  target: HTMLElement;
  /** Session time 0, on the recorded browser's clock. */
  startTs: number;
  /** By first event; at least one. */
  windows: readonly PlayableWindow[];
  fetchStretch: FetchStretch;
}

type Listener = () => void;

const PREFETCH_RETRY_MS = 3_000;

export class SessionPlayer {
  readonly #target: HTMLElement;
  readonly #startTs: number;
  readonly #windows: readonly PlayableWindow[];
  readonly #fetchStretch: FetchStretch;
  readonly #stateListeners = new Set<Listener>();
  readonly #timeListeners = new Set<Listener>();

  #window: PlayableWindow;
  /** Someone chose the window: others that open meanwhile are not followed. */
  #stays = false;
  #stage: PlayerStage | null = null;
  /** The stage of the run before: its last frame stays until there is another. */
  #leaving: PlayerStage | null = null;
  #run: Run | null = null;
  #timeMs = 0;
  #state: PlayerState;
  /** Ends what is being fetched for a run that is not wanted any more. */
  #abort = new AbortController();
  #growing: Promise<void> | null = null;
  #prefetchAfter = 0;
  #frame = 0;

  constructor({ target, startTs, windows, fetchStretch }: PlayerOptions) {
    const [first] = windows;
    if (!first) throw new Error("A session without windows cannot be played");
    this.#target = target;
    this.#startTs = startTs;
    this.#windows = windows;
    this.#fetchStretch = fetchStretch;
    this.#window = first;
    this.#state = {
      playing: true,
      phase: "opening",
      windowId: first.windowId,
      speed: 1,
      skipIdle: true,
      skipping: false,
      loadedFromMs: 0,
      loadedUntilMs: 0,
      problem: null,
    };
  }

  get state(): PlayerState {
    return this.#state;
  }

  get timeMs(): number {
    return this.#timeMs;
  }

  onState(listener: Listener): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onTime(listener: Listener): () => void {
    this.#timeListeners.add(listener);
    return () => this.#timeListeners.delete(listener);
  }

  /** Goes to a moment, in the window that is shown if it was open then, else in the one that was. */
  seek(toMs: number): Promise<void> {
    return this.#goTo(toMs, windowAt(this.#windows, toMs, this.#window));
  }

  /** Goes to a moment of one window, and stays with that window while it lasts. */
  watch(windowId: string, toMs: number): Promise<void> {
    const window = this.#windows.find((window) => window.windowId === windowId) ?? this.#window;
    this.#stays = true;
    return this.#goTo(toMs, window);
  }

  async #goTo(toMs: number, target: PlayableWindow): Promise<void> {
    const timeMs = Math.min(Math.max(toMs, target.fromMs), target.toMs);
    const moved = target !== this.#window;
    this.#window = target;
    this.#showTime(timeMs);
    const plan = this.#run && !moved ? planSeek(this.#run, timeMs, target.snapshotsMs) : "restart";
    if (plan === "restart") this.#forgetRun();
    this.#set({ windowId: target.windowId, problem: null });
    await this.#reach(timeMs);
  }

  play(): void {
    this.#set({ playing: true });
    if (this.#state.phase === "ended") void this.#playAgain();
    else if (this.#state.phase === "failed") void this.#goTo(this.#timeMs, this.#window);
    else if (this.#state.phase === "ready") this.#goOn();
  }

  pause(): void {
    this.#set({ playing: false, skipping: false });
    this.#stage?.pause();
    cancelAnimationFrame(this.#frame);
  }

  setSpeed(speed: Speed): void {
    this.#set({ speed });
    this.#stage?.setSpeed(speed);
  }

  setSkipIdle(skipIdle: boolean): void {
    this.#set({ skipIdle, skipping: false });
    this.#stage?.setSkipIdle(skipIdle);
  }

  resize(): void {
    const { width, height } = this.#target.getBoundingClientRect();
    this.#stage?.resize(width, height);
  }

  destroy(): void {
    this.#forgetRun();
    this.#leaving?.destroy();
    this.#stateListeners.clear();
    this.#timeListeners.clear();
  }

  /** Loads up to `timeMs`, shows it, and plays on from there if that is wanted. */
  async #reach(timeMs: number): Promise<void> {
    const { signal } = this.#abort;
    const isWanted = () => !signal.aborted && this.#timeMs === timeMs;
    try {
      if (!this.#run) this.#set({ phase: "opening" });
      while (isWanted() && (!this.#run || mustWait(this.#run, timeMs))) {
        if (this.#run) this.#hold();
        await this.#grow(timeMs);
      }
      if (!isWanted()) return;
      this.#set({ phase: "ready" });
      this.#stage?.goto(timeMs, this.#state.playing);
      this.#follow();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** Fetches one more stretch; at most one at a time. The first one opens the stage. */
  #grow(targetMs: number): Promise<void> {
    if (this.#growing !== null) return this.#growing;
    const growing = this.#fetchAndAdd(targetMs).finally(() => {
      // Another run may have begun meanwhile, with a fetch of its own.
      if (this.#growing === growing) this.#growing = null;
    });
    this.#growing = growing;
    return growing;
  }

  async #fetchAndAdd(targetMs: number): Promise<void> {
    const { signal } = this.#abort;
    const window = this.#window;
    const start: StretchStart = this.#run?.cursor ? { cursor: this.#run.cursor } : { atMs: targetMs };
    const stretch = await this.#fetchStretch(window.windowId, start, stretchEvents(this.#run, targetMs), signal);
    if (signal.aborted) return;
    if (!this.#run && stretch.events.length === 0) throw new Error("Nothing of this window is here any more");
    const floorTs = this.#run ? this.#run.untilMs + this.#startTs : this.#startTs;
    const events = inOrder(stretch.events, floorTs, this.#startTs + window.toMs);
    if (this.#stage) this.#stage.add(events);
    else await this.#openStage(events, window);
    if (signal.aborted) return;
    const timesMs = events.map(({ timestamp }) => timestamp - this.#startTs);
    this.#run = grown(this.#run, timesMs, stretch.cursor);
    this.#set({ loadedFromMs: this.#run.fromMs, loadedUntilMs: stretch.cursor ? this.#run.untilMs : window.toMs });
  }

  async #openStage(events: RrwebEvent[], window: PlayableWindow): Promise<void> {
    const { signal } = this.#abort;
    const stage = await PlayerStage.open({
      target: this.#target,
      events,
      startTs: this.#startTs,
      endTs: this.#startTs + window.toMs,
      speed: this.#state.speed,
      skipIdle: this.#state.skipIdle,
      onFinish: () => this.#finishWindow(),
      onSkipping: (skipping) => this.#set({ skipping }),
    });
    if (signal.aborted) {
      stage.destroy();
      return;
    }
    this.#stage = stage;
    this.#leaving?.destroy();
    this.#leaving = null;
  }

  /** Follows the playhead while it moves: tells the time, loads ahead, waits where loading is behind. */
  #follow(): void {
    cancelAnimationFrame(this.#frame);
    const step = () => {
      if (!this.#stage || !this.#run || !this.#state.playing || this.#state.phase !== "ready") return;
      const beforeMs = this.#timeMs;
      const timeMs = Math.min(this.#stage.timeMs(), this.#window.toMs);
      this.#showTime(timeMs);
      const opened = this.#stays ? undefined : openedBetween(this.#windows, beforeMs, timeMs);
      if (opened) {
        void this.#goTo(timeMs, opened);
        return;
      }
      if (mustWait(this.#run, timeMs)) {
        void this.#reach(timeMs);
        return;
      }
      if (!this.#growing && performance.now() > this.#prefetchAfter) this.#prefetch(timeMs);
      this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** Loads ahead. Where that fails there is still something to play: it is tried again, and told when it is missed. */
  #prefetch(timeMs: number): void {
    if (!this.#run || !wantsMore(this.#run, timeMs, this.#state.speed)) return;
    this.#grow(timeMs).catch(() => {
      this.#prefetchAfter = performance.now() + PREFETCH_RETRY_MS;
    });
  }

  #goOn(): void {
    this.#stage?.goto(this.#timeMs, true);
    this.#follow();
  }

  #hold(): void {
    this.#stage?.pause();
    this.#set({ phase: "waiting", skipping: false });
  }

  #finishWindow(): void {
    if (!this.#run || this.#run.cursor !== null) return;
    this.#stays = false;
    const endMs = this.#window.toMs;
    const next = this.#state.playing ? nextAfter(this.#windows, endMs) : undefined;
    if (next) {
      void this.#goTo(Math.max(endMs, next.fromMs), next);
      return;
    }
    this.#showTime(endMs);
    this.#set({ phase: "ended", playing: false, skipping: false });
  }

  #playAgain(): Promise<void> {
    const first = this.#windows[0] ?? this.#window;
    return this.#goTo(first.fromMs, first);
  }

  #fail(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#stage?.pause();
    this.#set({ phase: "failed", skipping: false, problem: error instanceof Error ? error.message : String(error) });
  }

  #forgetRun(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    cancelAnimationFrame(this.#frame);
    this.#growing = null;
    this.#stage?.pause();
    this.#leaving?.destroy();
    this.#leaving = this.#stage;
    this.#stage = null;
    this.#run = null;
  }

  #showTime(timeMs: number): void {
    this.#timeMs = timeMs;
    for (const listener of this.#timeListeners) listener();
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#stateListeners) listener();
  }
}
