/**
 * Plays a session: one window at a time, from stretches of its events that are fetched around the playhead.
 * React reads `state` (changes seldom) and `timeMs` (changes every frame) by subscribing to each.
 */
import type { RrwebEvent } from "#core/replay/rrweb-event.ts";
import { caughtUp, isAheadOf, isOutrun, liveMoment } from "./live-lag.ts";
import { type Fit, PlayerStage, type Speed } from "./player-stage.ts";
import type { FetchStretch } from "./recording.ts";
import { StagedRun } from "./staged-run.ts";
import {
  extendWindow,
  momentIn,
  newestOpen,
  nextAfter,
  type PlayableWindow,
  type Turn,
  wentTo,
  windowAt,
} from "./windows.ts";

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

/** The stage's own end of a window that is open: nobody watches on for longer. */
const OPEN_MS_MAX = 7 * 86_400_000;
/** Past its last event by this much, a window that was open has ended. */
const END_AFTER_MS = 100;

export class SessionPlayer {
  readonly #options: PlayerOptions;
  /** By first event. Grows while the session goes on. */
  readonly #windows: PlayableWindow[];
  readonly #stateListeners = new Set<Listener>();
  readonly #timeListeners = new Set<Listener>();

  #window: PlayableWindow;
  #turns: readonly Turn[] = [];
  /** Someone chose the window: others are not followed meanwhile. */
  #stays = false;
  #run: StagedRun | null = null;
  /** Of the run before: its last frame stays until there is another. */
  #leaving: PlayerStage | null = null;
  #timeMs = 0;
  #state: PlayerState;
  #frame = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#windows = options.windows.map((window) => ({ ...window }));
    const [first] = this.#windows;
    if (!first) throw new Error("A session without windows cannot be played");
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
    return this.#run?.stage?.document ?? null;
  }

  onState(listener: Listener): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onTime(listener: Listener): () => void {
    this.#timeListeners.add(listener);
    return () => this.#timeListeners.delete(listener);
  }

  /** Goes to a moment, in the window that it has then. */
  seek(toMs: number): Promise<void> {
    this.#set({ following: false });
    return this.#goTo(toMs, this.windowAt(toMs));
  }

  /** The window that a moment is shown in: where the visitor was, or the one that somebody chose, if it was open. */
  windowAt(timeMs: number): PlayableWindow {
    const chosen = this.#stays ? this.#window : undefined;
    return windowAt(this.#windows, timeMs, this.#turns, chosen) ?? this.#window;
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
    return this.#goTo(liveMoment(window), window);
  }

  /** Tells when the visitor turned to another window: that is known later than the windows are. */
  setTurns(turns: readonly Turn[]): void {
    this.#turns = turns;
    const meant = this.windowAt(this.#timeMs);
    const isFollowed = this.#state.following || this.#state.phase === "ended";
    if (meant !== this.#window && !isFollowed) void this.#goTo(this.#timeMs, meant);
  }

  setLive(live: PlayerState["live"]): void {
    this.#set({ live, ...(live === "ended" && { following: false }) });
    if (live === "ended") for (const window of this.#windows) window.isOpen = false;
  }

  /** More of a window has come while the session goes on, or a new one has opened. */
  extend(windowId: string, toMs: number, snapshotsMs: readonly number[]): void {
    const window = extendWindow(this.#windows, { windowId, toMs, snapshotsMs });
    if (!window) return;
    this.#set({ endMs: Math.max(this.#state.endMs, window.toMs) });
    if (!this.#state.following) return;
    const isMeant =
      window === this.#window
        ? this.#state.phase === "ready" && isOutrun(this.#timeMs, window)
        : isAheadOf(this.#window, window);
    if (isMeant) void this.#goTo(liveMoment(window), window);
  }

  play(): void {
    this.#set({ playing: true });
    if (this.#state.phase === "ended") void this.#playAgain();
    else if (this.#state.phase === "failed") void this.#goTo(this.#timeMs, this.#window);
    else if (this.#state.phase === "ready") this.#goOn();
  }

  pause(): void {
    this.#set({ playing: false, skipping: false, following: false });
    this.#run?.stage?.pause();
    cancelAnimationFrame(this.#frame);
  }

  setSpeed(speed: Speed): void {
    this.#set({ speed });
    this.#run?.stage?.setSpeed(speed);
  }

  setSkipIdle(skipIdle: boolean): void {
    this.#set({ skipIdle, skipping: false });
    this.#run?.stage?.setSkipIdle(skipIdle);
  }

  setFit(fit: Fit): void {
    this.#set({ fit });
    this.#run?.stage?.setFit(fit);
  }

  resize(): void {
    this.#run?.stage?.resize();
  }

  destroy(): void {
    this.#leaveRun();
    this.#leaving?.destroy();
    this.#stateListeners.clear();
    this.#timeListeners.clear();
  }

  async #goTo(toMs: number, target: PlayableWindow): Promise<void> {
    const timeMs = momentIn(target, toMs);
    const moved = target !== this.#window;
    this.#window = target;
    this.#showTime(timeMs);
    if (moved || this.#run?.planSeek(timeMs) === "restart") this.#leaveRun();
    this.#set({ windowId: target.windowId, problem: null });
    await this.#reach(timeMs);
  }

  /** Loads up to `timeMs`, shows it, and plays on from there if that is wanted. */
  async #reach(timeMs: number): Promise<void> {
    if (!this.#run) this.#set({ phase: "opening", skipping: false });
    this.#run ??= this.#begunRun(this.#window);
    const run = this.#run;
    const isWanted = () => this.#run === run && this.#timeMs === timeMs;
    try {
      while (isWanted() && run.mustWait(timeMs)) {
        if (run.stage) this.#hold(run.stage);
        await run.grow(timeMs);
      }
      if (!isWanted()) return;
      const fromMs = this.#state.following ? caughtUp(timeMs, run.untilMs) : timeMs;
      this.#set({ phase: "ready" });
      this.#showTime(fromMs);
      run.stage?.goto(fromMs, this.#state.playing);
      this.#advance();
    } catch (error) {
      if (this.#run === run) this.#fail(error);
    }
  }

  #begunRun(window: PlayableWindow): StagedRun {
    const { startTs, fetchStretch } = this.#options;
    const run: StagedRun = new StagedRun({
      window,
      startTs,
      fetchStretch,
      openStage: (events) => this.#openedStage(window, events),
      onGrown: () => {
        this.#leaving?.destroy();
        this.#leaving = null;
        this.#set({ loadedFromMs: run.fromMs, loadedUntilMs: run.untilMs });
      },
    });
    return run;
  }

  #openedStage(window: PlayableWindow, events: RrwebEvent[]): Promise<PlayerStage> {
    const { target, startTs } = this.#options;
    const { speed, skipIdle, fit } = this.#state;
    return PlayerStage.open({
      target,
      events,
      startTs,
      endTs: startTs + window.toMs + (window.isOpen ? OPEN_MS_MAX : 0),
      speed,
      skipIdle,
      fit,
      size: this.#leaving?.size,
      onFinish: () => this.#finishWindow(),
      onSkipping: (skipping) => this.#set({ skipping }),
    });
  }

  #leaveRun(): void {
    cancelAnimationFrame(this.#frame);
    this.#run?.leave();
    if (this.#run?.stage) {
      this.#leaving?.destroy();
      this.#leaving = this.#run.stage;
    }
    this.#run = null;
  }

  /** Follows the playhead while it moves: tells the time, loads ahead, waits where loading is behind. */
  #advance(): void {
    cancelAnimationFrame(this.#frame);
    const step = () => {
      const run = this.#run;
      if (!run?.stage || !this.#state.playing || this.#state.phase !== "ready") return;
      const beforeMs = this.#timeMs;
      const timeMs = Math.min(run.stage.timeMs(), this.#window.toMs);
      this.#showTime(timeMs);
      const other = this.#stays ? undefined : wentTo(this.#windows, this.#turns, beforeMs, timeMs);
      if (other && other !== this.#window) {
        void this.#goTo(timeMs, other);
        return;
      }
      // The player's own end is where the window's was when it was opened.
      if (run.isWhole && run.stage.timeMs() > this.#window.toMs + END_AFTER_MS) {
        this.#finishWindow();
        return;
      }
      const isOver = run.isOutlived(timeMs);
      if (isOver) this.#leaveRun();
      if (isOver || run.mustWait(timeMs)) {
        void this.#reach(timeMs);
        return;
      }
      run.prefetch(timeMs, this.#state.speed);
      this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #goOn(): void {
    this.#run?.stage?.goto(this.#timeMs, true);
    this.#advance();
  }

  #hold(stage: PlayerStage): void {
    stage.pause();
    this.#set({ phase: "waiting", skipping: false });
  }

  #finishWindow(): void {
    if (!this.#run?.isWhole) return;
    this.#stays = false;
    const endMs = this.#window.toMs;
    const next = this.#state.playing ? nextAfter(this.#windows, endMs) : undefined;
    if (next) {
      void this.#goTo(Math.max(endMs, next.fromMs), next);
      return;
    }
    this.#run.stage?.pause();
    this.#showTime(endMs);
    this.#set({ phase: "ended", playing: false, skipping: false, following: false });
  }

  #playAgain(): Promise<void> {
    const first = this.#windows[0] ?? this.#window;
    return this.#goTo(first.fromMs, first);
  }

  #fail(error: unknown): void {
    this.#run?.stage?.pause();
    this.#set({ phase: "failed", skipping: false, problem: error instanceof Error ? error.message : String(error) });
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
