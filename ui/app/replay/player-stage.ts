/** rrweb-player as this console uses it: its stage only, in session time, with events added as they come. */
import { carryOn } from "#core/replay/carry-on.js";
import { EVENT_TYPE, type RrwebEvent } from "#core/replay/rrweb-event.ts";
import { MISSING_IMAGES } from "./missing-images.ts";

export const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;
export type Speed = (typeof SPEEDS)[number];

/** All of the page's viewport in sight, or as wide as there is room, so that one scrolls. */
export type Fit = "whole" | "width";

/** What is taken of rrweb's Replayer. */
interface Replayer {
  iframe: HTMLIFrameElement;
  getCurrentTime(): number;
  setConfig(config: { skipInactive: boolean }): void;
  on(event: string, handler: (payload?: unknown) => void): unknown;
  destroy(): void;
}

/** What is taken of rrweb-player (its own types come through Svelte's, which is not installed). */
interface RrwebPlayer {
  addEvent(event: RrwebEvent): void;
  goto(timeMs: number, play: boolean): void;
  pause(): void;
  setSpeed(speed: number): void;
  toggleSkipInactive(): void;
  getReplayer(): Replayer;
  triggerResize(): void;
  $set(props: { width: number; height: number }): void;
  $destroy(): void;
}

type RrwebPlayerConstructor = new (options: { target: HTMLElement; props: Record<string, unknown> }) => RrwebPlayer;

export interface Size {
  width: number;
  height: number;
}

interface StageOptions {
  target: HTMLElement;
  /** The run's first stretch, in play order. */
  events: RrwebEvent[];
  /** Session time 0, on the recorded browser's clock. */
  startTs: number;
  /** End of the window, on the same clock. */
  endTs: number;
  speed: Speed;
  skipIdle: boolean;
  fit: Fit;
  /** Of the page, where its events do not tell. */
  size?: Size | undefined;
  onFinish: () => void;
  onSkipping: (skipping: boolean) => void;
}

const SANDBOX = "allow-same-origin";
const SCALE_MAX = 1.5;
/** A Meta event tells the page's size, and may be missing: rrweb shows nothing before it knows one. */
const SIZE_UNTOLD: Size = { width: 1_280, height: 800 };

/** Shows that something was here which is not kept, and which the security policy does not fetch: see ui/security.ts. */
const NOT_FETCHED = [
  `:where(${MISSING_IMAGES}, video[src]:not([src^="data:"], [src^="blob:"])) { ` +
    "background: repeating-linear-gradient(-45deg, rgb(128 128 128 / 18%) 0 4px, rgb(128 128 128 / 8%) 4px 10px); }",
];

export class PlayerStage {
  readonly #player: RrwebPlayer;
  readonly #replayer: Replayer;
  readonly #target: HTMLElement;
  #skipIdle: boolean;
  #fit: Fit;

  private constructor(player: RrwebPlayer, { target, skipIdle, fit, onFinish, onSkipping }: StageOptions) {
    this.#player = player;
    this.#replayer = player.getReplayer();
    this.#target = target;
    this.#skipIdle = skipIdle;
    this.#fit = fit;
    this.#replayer.on("resize", () => this.resize());
    this.#replayer.on("finish", onFinish);
    this.#replayer.on("skip-start", () => onSkipping(true));
    this.#replayer.on("skip-end", () => onSkipping(false));
  }

  /** Loads the player's code where it is not there yet, and builds the stage. Nothing plays before `goto`. */
  static async open(options: StageOptions): Promise<PlayerStage> {
    const Player = (await loadPlayer()).default as unknown as RrwebPlayerConstructor;
    const { target, startTs, endTs, speed, skipIdle, size = SIZE_UNTOLD } = options;
    const isSized = options.events.some(({ type }) => type === EVENT_TYPE.meta);
    const meta = { type: EVENT_TYPE.meta, timestamp: startTs, data: { href: "", ...size } };
    const events = isSized ? options.events : [meta, ...options.events];
    const { width, height } = target.getBoundingClientRect();
    const player = new Player({
      target,
      props: {
        // The player takes its first and last event for the whole: two marks of ours make its time the session's,
        // and keep it from ending where only what is loaded ends.
        events: [mark(startTs, "rrhog.start"), ...events, mark(endTs + 1, "rrhog.end")],
        width,
        height,
        maxScale: SCALE_MAX,
        autoPlay: false,
        showController: false,
        speed,
        speedOption: [...SPEEDS],
        skipInactive: skipIdle,
        inactivePeriodThreshold: 5_000,
        // Would run recorded pages' scripts beside the console's cookies (rrweb#1913).
        UNSAFE_replayCanvas: false,
        showWarning: false,
        // A recorded focus would take the keyboard from the console and into the recorded page.
        triggerFocus: false,
        insertStyleRules: NOT_FETCHED,
        mouseTail: { strokeStyle: "#6f6ce0", lineWidth: 2, duration: 450 },
      },
    });
    assertSandboxed(player.getReplayer().iframe);
    carryOn(player.getReplayer());
    return new PlayerStage(player, options);
  }

  /** More of the same run; each at or after the last. */
  add(events: readonly RrwebEvent[]): void {
    for (const event of events) this.#player.addEvent(event);
  }

  goto(timeMs: number, play: boolean): void {
    // Seeking in the middle of skipped time would leave the player racing until an event that may never come.
    if (this.#skipIdle) {
      this.#replayer.setConfig({ skipInactive: false });
      this.#replayer.setConfig({ skipInactive: true });
    }
    this.#player.goto(timeMs, play);
  }

  pause(): void {
    this.#player.pause();
  }

  /** The replayed page, to be read. */
  get document(): Document | null {
    return this.#replayer.iframe.contentDocument;
  }

  /** Of the replayed page. */
  get size(): Size {
    const { offsetWidth: width, offsetHeight: height } = this.#replayer.iframe;
    return width > 0 ? { width, height } : SIZE_UNTOLD;
  }

  timeMs(): number {
    return this.#replayer.getCurrentTime();
  }

  setSpeed(speed: Speed): void {
    this.#player.setSpeed(speed);
  }

  setSkipIdle(skipIdle: boolean): void {
    if (skipIdle === this.#skipIdle) return;
    this.#skipIdle = skipIdle;
    this.#player.toggleSkipInactive();
  }

  setFit(fit: Fit): void {
    this.#fit = fit;
    this.resize();
  }

  /** The room has changed, or the page's viewport. */
  resize(): void {
    const { width, height } = this.#target.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.#replayer.iframe;
    const scale = Math.min(width / Math.max(1, offsetWidth), SCALE_MAX);
    this.#player.$set({ width, height: this.#fit === "width" ? Math.max(height, offsetHeight * scale) : height });
    // The player applies new sizes to its frame at once, to the page's scale only when told.
    requestAnimationFrame(() => this.#player.triggerResize());
  }

  destroy(): void {
    this.#player.pause();
    this.#player.$destroy();
    this.#replayer.destroy();
  }
}

/** Fetches the player's code; called early, so that it comes while the first events do. */
export function loadPlayer() {
  return import("rrweb-player");
}

function mark(timestamp: number, tag: string): RrwebEvent {
  return { type: EVENT_TYPE.custom, timestamp, data: { tag, payload: {} } };
}

/** rrweb makes the frame. If it ever made it another way, nothing may be shown in it. */
function assertSandboxed(iframe: HTMLIFrameElement): void {
  if (iframe.getAttribute("sandbox") === SANDBOX) return;
  iframe.remove();
  throw new Error("The player's frame is not sandboxed");
}
