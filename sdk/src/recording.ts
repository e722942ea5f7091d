/**
 * What happens on a page, as the events of its recording: what changes in it and what goes on beside, masked, as JSON. Given
 * on to the window's batches, or kept in memory until it is known to be wanted. Takes full snapshots, so that playback can
 * seek, and tells what each page and session begins with.
 */
import { SDK_VERSION } from "./batch.ts";
import { createBuffer, SPAN_MS } from "./buffer.ts";
import {
  type Capture,
  type CapturedEvent,
  type CaptureOptions,
  capture,
  isAction,
  isChange,
  isFullSnapshot,
  isHandedOver,
  META,
} from "./capture.ts";
import type { Choice } from "./choice.ts";
import { askFrames } from "./frames.ts";
import { toJson } from "./json.ts";
import type { NavigationKind } from "./navigation.ts";
import { neverThrow } from "./never-throw.ts";
import type { LoadObserve, ObserveOptions } from "./observe/host.ts";
import { createObserving } from "./observing.ts";
import { createMasking, type Masking } from "./privacy/masking.ts";
import { type PrivacyOptions, privacyRules, stricterOf } from "./privacy/rules.ts";
import type { Settings } from "./settings.ts";
import type { Target, WindowBatches } from "./window-batches.ts";

/** So that playback can seek: a span is never much longer, if anything changed in it. */
const SNAPSHOT_EVERY_MS = 4 * 60_000;
/** Snapshots of a page so large that each takes long are a thousandth of its time at most. */
const SNAPSHOT_SHARE = 1_000;
/** Between the first that the server misses something for, and the second: from one to the next it is twice as long. */
const REPAIR_MS_FIRST = 5_000;
/** What can wait for a page's idle time does not wait for longer. */
const IDLE_WITHIN_MS = 2_000;

const CUSTOM = 5;

export interface RecordingOptions {
  target: Target;
  /** The page's own. */
  options: CaptureOptions &
    ObserveOptions &
    PrivacyOptions & { release?: string | undefined; environment?: string | undefined };
  /** The project's. */
  settings: Settings;
  choice: Choice;
  batches: Pick<WindowBatches, "add">;
  loadObserve: LoadObserve;
  /** Nothing is told: the page is going, or sleeps in the back/forward cache. */
  isGone(): boolean;
  /** Whether an event is one of the session that is recorded; it may be the first of another, which begins then. */
  admits(at: number, isAction: boolean): boolean;
}

export interface Recording {
  /** Set before rrweb starts: on a page that is parsed already it takes its snapshot at once. */
  readonly isOn: boolean;
  /** What is captured stays in memory until `keep`. */
  readonly isBuffering: boolean;
  readonly masking: Masking;
  /** When it began, by the page's clock. Nothing is told from before. */
  readonly since: number;
  begin(by: NavigationKind, since: number): void;
  end(): void;
  /** Goes on with a snapshot, as the first of another session, or of a page that is back. */
  beginAnew(by: NavigationKind): void;
  /** What was waited for has happened: gives on what was kept in memory. */
  keep(): void;
  /** Takes a full snapshot, for what the server misses; not each time that it is asked. */
  repair(): void;
  /** Takes one if the last one shows the page otherwise. */
  refresh(): void;
  /** Brings in what watches the page beside its DOM, once the project has said that it records. */
  observe(): void;
  /** Takes note of an error, for what tells of them and may come later. */
  noteError(event: Event): void;
  /** The page goes: tells what was kept so far of what goes on beside its DOM. */
  tellRest(): void;
  /** Tells a custom event. */
  tell(tag: string, payload: unknown): void;
  /** Tells that the page is left. `isOver`: a session that went idle is not made longer by that. */
  tellLeave(isOver: boolean): void;
}

export function createRecording(given: RecordingOptions): Recording {
  const { target, options, settings, choice, batches, loadObserve, isGone, admits } = given;
  let running: Capture | undefined;
  let isOn = false;
  let isBuffering = false;
  let since = 0;
  const buffer = createBuffer();
  let masking = createMasking(privacyRules({ privacy: "strict" }));
  /** The kind of navigation that the next full snapshot shows the outcome of. */
  let arrivedBy: NavigationKind | null = null;
  let snapshotAt = 0;
  /** How long the page waited for the last one. */
  let snapshotMs = 0;
  /** How long after a snapshot the next may be taken for what the server misses. */
  let repairMs = 0;
  let hasChanged = false;
  /** When the last event happened that was recorded. */
  let lastAt = Date.now();

  const take = neverThrow((event: CapturedEvent): void => {
    const at = event.timestamp;
    if (!admits(at, isAction(event))) return;
    if (isChange(event)) hasChanged = true;
    add(event);
    if (isFullSnapshot(event)) afterSnapshot(at);
    // Not at a snapshot's own first event, which would take the next one within it.
    else if (event.type !== META && isSnapshotDue(at)) snapshot();
  });

  function add(event: CapturedEvent): void {
    lastAt = event.timestamp;
    if (!isHandedOver(event)) masking.clean(event);
    const text = toJson(event);
    if (isBuffering) buffer.add(text, lastAt, event.type === META);
    else batches.add(text, isFullSnapshot(event));
  }

  /** What a page tells may be beyond JSON. */
  const tell = neverThrow((tag: string, payload: unknown): void => {
    if (isOn && !isGone()) add({ type: CUSTOM, timestamp: Date.now(), data: { tag, payload } });
  });

  function isSnapshotDue(at: number): boolean {
    return (isBuffering || hasChanged) && at - snapshotAt > everyMs();
  }

  function everyMs(): number {
    return Math.max(isBuffering ? SPAN_MS : SNAPSHOT_EVERY_MS, snapshotMs * SNAPSHOT_SHARE);
  }

  const snapshot = neverThrow(() => {
    // One that fails is not tried again at each event.
    snapshotAt = Date.now();
    snapshotMs = running?.snapshot() ?? 0;
    if (everyMs() > SNAPSHOT_EVERY_MS) tell("rrhog.slowed", { snapshot_every_ms: everyMs() });
  });

  function afterSnapshot(at: number): void {
    snapshotAt = at;
    hasChanged = false;
    if (options.recordCrossOriginIframes) askFrames();
    if (!isBuffering) tellArrival();
  }

  /** Once for each page and session, after a snapshot of it that is sent. */
  function tellArrival(): void {
    if (arrivedBy === null) return;
    tell("rrhog.session", {
      release: options.release,
      environment: options.environment,
      sdk: SDK_VERSION,
      language: navigator.language,
    });
    tell("rrhog.navigation", {
      href: choice.address,
      title: document.title,
      referrer: document.referrer,
      kind: arrivedBy,
    });
    arrivedBy = null;
  }

  const observing = createObserving({
    ...target,
    options: asked,
    masking: () => masking,
    loadObserve,
    /** As an event of rrweb's: none after a session's end, before the visitor's next action. */
    emit(type, data) {
      if (isOn) take({ type, timestamp: Date.now(), data });
    },
    onTrouble: () => tell("rrhog.trouble", { part: "observe" }),
  });

  /** It comes by itself, and may not come. A session that is left out needs none. */
  function observe(): void {
    whenIdle(() => {
      if (isOn && settings.isAnswered) observing.begin(since);
    });
  }

  /** The page's options, and of its project's those that the page does not set. */
  function asked(): CaptureOptions & ObserveOptions {
    return { ...(settings.recorder as CaptureOptions & ObserveOptions), ...options };
  }

  return {
    get isOn() {
      return isOn;
    },
    get isBuffering() {
      return isBuffering;
    },
    get masking() {
      return masking;
    },
    get since() {
      return since;
    },
    begin(by, from) {
      isOn = true;
      since = from;
      arrivedBy = by;
      isBuffering = choice.mustWait();
      masking = createMasking(privacyRules(stricterOf(options, settings.recorder)));
      running = capture(take, masking, asked());
      observe();
    },
    end() {
      const ending = running;
      running = undefined;
      // Tells what was not told yet, which belongs to where the rest went.
      ending?.stop();
      observing.end();
      isOn = isBuffering = false;
      buffer.take();
    },
    beginAnew(by) {
      arrivedBy = by;
      buffer.take();
      isBuffering = choice.mustWait();
      snapshot();
    },
    keep() {
      if (!isBuffering) return;
      isBuffering = false;
      const { isWhole } = buffer;
      for (const event of buffer.take()) batches.add(event, true);
      if (isWhole) tellArrival();
      else snapshot();
    },
    repair() {
      if (Date.now() - snapshotAt < repairMs) return;
      snapshot();
      // Those of a page that are too large to arrive would be asked for again for ever.
      repairMs = Math.min(repairMs * 2 || REPAIR_MS_FIRST, everyMs());
    },
    refresh() {
      if (hasChanged) snapshot();
    },
    observe,
    noteError(event) {
      if (isOn) observing.noteEarly(event);
    },
    tellRest: observing.leave,
    tell,
    tellLeave(isOver) {
      running?.flush();
      const leave = { tag: "rrhog.leave", payload: { href: choice.address } };
      if (isOn) add({ type: CUSTOM, timestamp: isOver ? lastAt : Date.now(), data: leave });
    },
  };
}

/** Soon also on a page that is never idle. */
function whenIdle(work: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: IDLE_WITHIN_MS });
  else setTimeout(work);
}
