/** What the recorder gives to what watches the page beside its DOM: a script of its own, which shares no module with it. */
import type { neverThrow } from "../never-throw.ts";

export interface ObserveOptions {
  /** Console messages: true for the usual levels, or the levels, e.g. `["error", "warn"]`. Default true, in strict privacy false. */
  console?: boolean | string | readonly string[] | undefined;
  /** Errors that nobody caught and rejections that nobody handled. Default true. */
  errors?: boolean | undefined;
  /** Requests (fetch, XHR, beacons) and resources: address, status, sizes, timing. Default true. */
  network?: boolean | undefined;
  /** LCP, CLS, INP, FCP and TTFB. Default true. */
  vitals?: boolean | undefined;
  /** What each click was on: tag, text, selector. Default true. */
  clicks?: boolean | undefined;
  /** Names of headers to record of requests and responses. None by default, and never those that carry credentials. */
  recordHeaders?: string | readonly string[] | undefined;
  /** Whose bodies to record: whole addresses in which `*` stands for anything, or what decides. None by default. */
  recordBodies?: string | readonly string[] | ((url: string) => boolean) | undefined;
}

export interface ObserveHost {
  readonly options: ObserveOptions;
  /** Where the recorder's own requests go. */
  readonly host: string;
  readonly ingestPath: string;
  /** When recording began, by the page's clock: what the browser has kept from before is not told. 0 tells all of the page. */
  since: number;
  /** Errors from before this came. */
  readonly early: Event[];
  /** Adds an event of rrweb's kind, now. Nothing while not recording. */
  emit(type: number, data: object): void;
  /** The number that rrweb knows a node by, -1 where it knows none, or leaves its content out. */
  nodeId(node: Node): number;
  /** Whether an element's text is masked, or the element is left out of the recording. */
  isMasked(element: Element): boolean;
  scrubUrl(url: string): string;
  /** Of the presets of privacy: `strict`. */
  readonly isStrict: boolean;
  neverThrow: typeof neverThrow;
  /** To be called when what watches the page cannot be had: blocked, offline, or not there. */
  onerror(): void;
  /** It was asked for, and has not begun. */
  isAwaited?: boolean;
  /** Set by what watches the page: it ends that. */
  stop?: (() => void) | undefined;
  /** Set by what watches the page: tells what it has kept so far, since the page goes. */
  leave?: () => void;
}

/** A window as it knows itself: what is of its kind is told by its own classes. */
export type View = Window & typeof globalThis;

/** What watches the page, or a frame of its own origin, as its files see it. */
export interface Watched extends ObserveHost {
  readonly view: View;
  /** Recording has stopped. */
  readonly signal: AbortSignal;
  /** To be called as the page goes: its own listeners would come after the recorder's. */
  readonly leaving: Set<() => void>;
  /** How much has been told, of the page and its frames together. */
  readonly told: { messages: number; errors: number; requests: number };
  /** How the addresses of the recorder's own requests begin. */
  readonly own: readonly string[];
}

/** Loads what watches the page, which begins with `host`, until `host.stop()`. */
export type LoadObserve = (host: ObserveHost) => Promise<void>;
