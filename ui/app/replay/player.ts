/**
 * Plays a session: one window at a time, from stretches of its events that are fetched around the playhead.
 * React reads `state` (changes seldom) and `timeMs` (changes every frame) by subscribing to each.
 */

import type { RrwebEvent } from "#core/replay/rrweb-event.ts";
import { type Fit, PlayerStage, type Speed } from "./player-stage.ts";
import type { FetchStretch, StretchStart } from "./recording.ts";
import { grown, inOrder, isOutlived, mustWait, planSeek, type Run, stretchEvents, wantsMore } from "./stretches.ts";
import { momentIn, newestOpen, nextAfter, openedBetween, type PlayableWindow, windowAt } from "./windows.ts";

export interface PlayerState {
  /** What the person wants. */
  playing: boolean;
  /** What is done about it: a first frame is made, more is waited for, it plays or stands, it has ended, or it failed. */
  phase: "opening" | "waiting" | "ready" | "ended" | "failed";
  windowId: string;
  speed: Speed;
  skipIdle: boolean;
  fit: Fit;
  /** Idle time is being run through. */
  skipping: boolean;
  loadedFromMs: number;
  loadedUntilMs: number;
  /** The end of what is recorded; grows while the session goes on. */
  endMs: number;
  /** Whether new events are heard of: the session is over, they come, or the connection to them is away. */
  live: "off" | "on" | "lost" | "ended";
  /** What is recorded just now is what is shown. */
  following: boolean;
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

/** How far what is followed may be behind before the playhead jumps, and how far it is afterwards: some seconds to run on. */
const LIVE_LAG_MS_MAX = 6_000;
const LIVE_LAG_MS = 2_500;
/** A window that is followed gives way to another of which something newer than this has come. */
const LIVE_SWITCH_MS = 3_000;
/** The stage's own end of a window that is open: nobody watches on for longer. */
const OPEN_MS_MAX = 7 * 86_400_000;
/** Past its last event by this much, a window that was open has ended. */
const END_AFTER_MS = 100;

export class SessionPlayer {
  readonly #target: HTMLElement;
  readonly #startTs: number;
  /** By first event. Grows while the session goes on. */
  readonly #windows: PlayableWindow[];
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
    this.#windows = windows.map((window) => ({ ...window }));
    const [first] = this.#windows;
    if (!first) throw new Error("A session without windows cannot be played");
    this.#target = target;
    this.#startTs = startTs;
    this.#fetchStretch = fetchStretch;
    this.#window = first;
    this.#state = {
      playing: true,
      phase: "opening",
      windowId: first.windowId,
      speed: 1,
      skipIdle: true,
      fit: "whole",
      skipping: false,
      loadedFromMs: 0,
      loadedUntilMs: 0,
      endMs: Math.max(...this.#windows.map(({ toMs }) => toMs)),
      live: "off",
      following: false,
      problem: null,
    };
  }

  get state(): PlayerState {
    return this.#state;
  }

  get timeMs(): number {
    return this.#timeMs;
  }

  /** The replayed page as it is at this moment, to be read; null while there is none. */
  get document(): Document | null {
    return this.#stage?.document ?? null;
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
    this.#set({ following: false });
    return this.#goTo(toMs, windowAt(this.#windows, toMs, this.#window));
  }

  /** Goes to a moment of one window, and stays with that window while it lasts. */
  watch(windowId: string, toMs: number): Promise<void> {
    const window = this.#windows.find((window) => window.windowId === windowId) ?? this.#window;
    this.#stays = true;
    this.#set({ following: false });
    return this.#goTo(toMs, window);
  }

  /** Goes to what is recorded just now, and stays with it. */
  follow(): Promise<void> {
    this.#stays = false;
    this.#set({ following: true, playing: true });
    const window = newestOpen(this.#windows) ?? this.#window;
    return this.#goTo(window.toMs - LIVE_LAG_MS, window);
  }

  setLive(live: PlayerState["live"]): void {
    this.#set({ live, ...(live === "ended" && { following: false }) });
    if (live === "ended") for (const window of this.#windows) window.isOpen = false;
  }

  /** More of a window has come while the session goes on, or a new one has opened. */
  extend(windowId: string, toMs: number, snapshotsMs: readonly number[]): void {
    const known = this.#windows.find((window) => window.windowId === windowId);
    const fromMs = snapshotsMs[0];
    if (!known && fromMs === undefined) return;
    const window = known ?? { windowId, fromMs: fromMs ?? toMs, toMs, snapshotsMs: [] };
    if (!known) this.#windows.push(window);
    window.isOpen = true;
    window.toMs = Math.max(window.toMs, toMs);
    const later = snapshotsMs.filter((at) => at > (window.snapshotsMs.at(-1) ?? Number.NEGATIVE_INFINITY));
    window.snapshotsMs = [...window.snapshotsMs, ...later];
    this.#set({ endMs: Math.max(this.#state.endMs, window.toMs) });
    if (!this.#state.following) return;
    const isElsewhere = window !== this.#window && window.toMs > this.#window.toMs + LIVE_SWITCH_MS;
    const isBehind = window === this.#window && window.toMs > this.#timeMs + 2 * LIVE_LAG_MS_MAX;
    if (isElsewhere || (isBehind && this.#state.phase === "ready")) void this.#goTo(window.toMs - LIVE_LAG_MS, window);
  }

  async #goTo(toMs: number, target: PlayableWindow): Promise<void> {
    const timeMs = momentIn(target, toMs);
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
    this.#set({ playing: false, skipping: false, following: false });
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

  setFit(fit: Fit): void {
    this.#set({ fit });
    this.#stage?.setFit(fit);
  }

  resize(): void {
    this.#stage?.resize();
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
      if (!this.#run) this.#set({ phase: "opening", skipping: false });
      while (isWanted() && (!this.#run || mustWait(this.#run, timeMs))) {
        if (this.#run) this.#hold();
        await this.#grow(timeMs);
      }
      if (!isWanted()) return;
      const fromMs = this.#caughtUp(timeMs);
      this.#set({ phase: "ready" });
      this.#showTime(fromMs);
      this.#stage?.goto(fromMs, this.#state.playing);
      this.#advance();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** Where to go on: what is followed is not left further and further behind. */
  #caughtUp(timeMs: number): number {
    const untilMs = this.#run?.untilMs ?? timeMs;
    const isBehind = this.#state.following && untilMs - timeMs > LIVE_LAG_MS_MAX;
    return isBehind ? untilMs - LIVE_LAG_MS : timeMs;
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
    const ceilingTs = window.isOpen ? Number.POSITIVE_INFINITY : this.#startTs + window.toMs;
    const events = inOrder(stretch.events, floorTs, ceilingTs);
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
      endTs: this.#startTs + window.toMs + (window.isOpen ? OPEN_MS_MAX : 0),
      speed: this.#state.speed,
      skipIdle: this.#state.skipIdle,
      fit: this.#state.fit,
      size: this.#leaving?.size,
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
  #advance(): void {
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
      // The player's own end is where the window's was when it was opened.
      if (this.#run.cursor === null && this.#stage.timeMs() > this.#window.toMs + END_AFTER_MS) {
        this.#finishWindow();
        return;
      }
      const isOver = isOutlived(this.#run, timeMs, this.#window.snapshotsMs);
      if (isOver) this.#forgetRun();
      if (isOver || mustWait(this.#run, timeMs)) {
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
    this.#advance();
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
    this.#stage?.pause();
    this.#showTime(endMs);
    this.#set({ phase: "ended", playing: false, skipping: false, following: false });
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
