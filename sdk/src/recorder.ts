/**
 * One page's recording: events from rrweb become numbered batches of this window in this session, and batches are
 * delivered. Begins, ends and rolls over sessions, and sees to it that a page that goes leaves nothing behind unsealed.
 */
import type { RecordedUser } from "../../protocol/batch.ts";
import { isSampledIn } from "../../protocol/sampling.ts";
import { SDK_VERSION, type SealedBatch } from "./batch.ts";
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
  nodeId,
} from "./capture.ts";
import { type Delivery, startDelivery } from "./delivery.ts";
import { askFrames } from "./frames.ts";
import { type Navigation, type NavigationKind, watchNavigation } from "./navigation.ts";
import { neverThrow } from "./never-throw.ts";
import type { LoadObserve, ObserveHost, ObserveOptions } from "./observe/host.ts";
import { openOutbox } from "./outbox.ts";
import { onPageError } from "./page-errors.ts";
import { createMasking } from "./privacy/masking.ts";
import { type PrivacyOptions, privacyRules, stricterOf } from "./privacy/rules.ts";
import { matches, type Rules, within } from "./rules.ts";
import { createSealer } from "./sealer.ts";
import { fetchSettings, forgetSettings, lastSettings, refusal } from "./settings.ts";
import { inSession, noteDropped, putTab, takeTab } from "./tab.ts";
import { joinVisit } from "./visit.ts";

/** So that playback can seek: a span is never much longer, if anything changed in it. */
const SNAPSHOT_EVERY_MS = 4 * 60_000;
/** Snapshots of a page so large that each takes long are a thousandth of its time at most. */
const SNAPSHOT_SHARE = 1_000;
/** Someone who returns after this long gets a snapshot too. */
const SNAPSHOT_ON_RETURN_MS = 60_000;
/** A batch of another window this old has been left: its own page would have sent it. */
const LEFT_BATCH_MS = 20_000;
/** No project keeps a claim open for longer: what comes later would be refused. */
const BATCH_AGE_DAYS_MAX = 30;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Errors that are kept for what tells of them, which is loaded later. */
const EARLY_ERRORS_MAX = 20;

const META = 4;
const CUSTOM = 5;

export interface Target {
  /** Where the edge is, e.g. `https://in.example.com`. */
  host: string;
  /** The project's write key. */
  key: string;
  /** Where the edge takes batches, e.g. `/i`. */
  ingestPath: string;
}

/** What a site says of its recordings: see `Options` (client.ts). */
export interface RecorderOptions extends Rules, PrivacyOptions {
  release?: string | undefined;
  environment?: string | undefined;
  sessionIdleMinutes?: number | undefined;
  sessionMaxHours?: number | undefined;
}

/**
 * What becomes of what happens now: it is sent (`recording`); sent once the session has lasted for its least duration, or
 * nothing, as nobody has called `start` (`waiting`); kept in memory until an error or an event (`buffering`); or nothing.
 */
export type State =
  | "recording"
  | "waiting"
  | "buffering"
  | "ignored_url"
  | "sampled_out"
  | "stopped"
  /** The edge's reason to take nothing more, e.g. `quota_used_up`. */
  | (string & {});

/** How the recording stands, for a page that wants to show it. */
export interface Status {
  /** Events are captured, be it into memory alone. */
  recording: boolean;
  state: State;
  /** Null before the page starts to record. */
  session_id: string | null;
  window_id: string | null;
  /** Batches of this window that got their 202: each is safe with the server. */
  acknowledged: number;
  /** Sealed batches without a 202, those of earlier pages included. */
  pending: number;
  /** Batches of this window that were given up. */
  dropped: number;
  /** When the next attempt is due (ms of this clock) after the last one failed; null while all goes well. */
  retry_at: number | null;
}

export interface Recorder {
  start(): void;
  stop(): void;
  /** Ends the session, and begins another one of nobody that is known. */
  reset(): void;
  identify(user: RecordedUser): void;
  track(name: string, properties: Record<string, unknown>): void;
  status(): Status;
  /** Ends the recording for good: what is unsent is given up, and what is stored deleted. */
  forget(): void;
}

/** `onStatus` is called whenever a figure of the status may have changed. */
export function createRecorder(
  { host, key, ingestPath }: Target,
  options: RecorderOptions & CaptureOptions & ObserveOptions,
  loadObserve: LoadObserve,
  onStatus: () => void,
): Recorder {
  const visit = joinVisit(key, Date.now(), {
    idleMs: within(options.sessionIdleMinutes, 30, 1, 24 * 60) * MINUTE_MS,
    sessionMs: within(options.sessionMaxHours, 24, 1 / 60, 24) * HOUR_MS,
  });
  let tab = takeTab(key, visit.sessionId);
  let running: Capture | undefined;
  let settings = lastSettings(key);
  /** By what page and project ask for when capturing begins. */
  let masking = createMasking(privacyRules({ privacy: "strict" }));
  /** Why nothing is recorded until somebody calls `start`, be the address and the session what they may. */
  let halted: State | null = "waiting";
  /** Set before rrweb starts: on a page that is parsed already it takes its snapshot at once. */
  let recording = false;
  /** What is captured stays in memory until `keepSession`. */
  let buffering = false;
  const buffer = createBuffer();
  /** The address that the rules were last held against, and the last one that they let be recorded. */
  let seen = "";
  let ignored = false;
  let address = location.href;
  /** The project has said what it records, or has not in time. */
  let isAnswered = false;
  /** The page is going, or sleeps in the back/forward cache: the window's state is no longer ours. */
  let gone = false;
  let forgotten = false;
  /** The kind of navigation that the next full snapshot shows the outcome of. */
  let arrivedBy: NavigationKind | null = null;
  let snapshotAt = 0;
  /** How long the page waited for the last one. */
  let snapshotMs = 0;
  /** When the last event happened that was recorded. */
  let lastAt = Date.now();
  let changedSince = false;
  let hiddenAt = 0;
  /** A batch was given up: what follows cannot be played until the next full snapshot. */
  let hasHole = false;

  const outbox = openOutbox(key);
  const delivery: Delivery = startDelivery({
    host,
    key,
    ingestPath,
    outbox,
    onAcknowledged(batch, wantsSnapshot) {
      if (isOwn(batch)) tab.acknowledged++;
      // Only once the server takes batches again: a refused snapshot would call for the next one.
      if (wantsSnapshot || hasHole) snapshot();
    },
    onGivenUp: giveUp,
    onSessionGone(batch) {
      delivery.giveUp(({ sessionId }) => (sessionId === batch.sessionId ? "session_deleted" : null));
      if (batch.sessionId !== visit.sessionId) return;
      visit.end();
      // Of the session that is gone, and not to be told by the next one.
      sealer.discard();
      if (!halted) beginAnew(Date.now());
    },
    onStop(batch, reason) {
      // Sampling leaves out one session, and an earlier page's batch may be of another. All else is about the project.
      const concerns = ({ sessionId }: SealedBatch) => reason !== "sampled_out" || sessionId === batch.sessionId;
      delivery.giveUp((other) => (concerns(other) ? reason : null));
      if (reason !== "sampled_out" || batch.sessionId === visit.sessionId) giveUpRecording(reason);
    },
    onChange: onStatus,
  });

  const sealer = createSealer({
    facts: () => ({
      sessionId: tab.sessionId,
      windowId: tab.windowId,
      seq: tab.nextSeq,
      sealedAt: Date.now(),
      sealedThrough: tab.nextSeq,
      url: masking.url(address),
      user: visit.user,
      release: options.release,
      environment: options.environment,
      dropped: tab.dropped,
      end: false,
    }),
    keep(batch) {
      tab.nextSeq = batch.seq + 1;
      const shortForMs = leastDurationLeft();
      if (shortForMs > 0) {
        batch.held = true;
        setTimeout(settleHeld, shortForMs);
      }
      for (const evicted of outbox.add(batch)) giveUp(evicted, "storage_full");
      delivery.wake();
      onStatus();
    },
  });

  function giveUp(batch: SealedBatch, reason: string): void {
    if (!isOwn(batch)) return;
    noteDropped(tab, batch.seq, reason);
    hasHole = true;
  }

  function isOwn(batch: SealedBatch): boolean {
    return batch.windowId === tab.windowId && batch.sessionId === tab.sessionId;
  }

  /** By the site's own word, else by its project's. */
  function rule<Name extends keyof Rules>(name: Name): Rules[Name] {
    return options[name] ?? (settings.recorder as Rules | undefined)?.[name];
  }

  /** The page's options, and of its project's those that the page does not set. */
  function asked(): CaptureOptions & ObserveOptions {
    return { ...(settings.recorder as CaptureOptions & ObserveOptions), ...options };
  }

  function isChosen(): boolean {
    return isSampledIn(visit.sessionId, within(rule("sampleRate"), 1, 0, 1));
  }

  function isIgnored(): boolean {
    if (location.href !== seen) {
      seen = location.href;
      const only = rule("recordUrls");
      ignored =
        [options.ignoreUrls, settings.recorder?.ignoreUrls].some((patterns) => matches(patterns, location)) ||
        (only !== undefined && !matches(only, location));
      if (!ignored) address = seen;
    }
    return ignored;
  }

  /** Why nothing is captured now. */
  function obstacle(): State | null {
    if (halted) return halted;
    if (isIgnored()) return "ignored_url";
    return visit.isKept || rule("sampleOnError") || isChosen() ? null : "sampled_out";
  }

  function mustWait(): boolean {
    return !visit.isKept && (Boolean(rule("startOnEvent")) || !isChosen());
  }

  /** What was waited for has happened, here or in another tab: the session is recorded to its end. */
  function keepSession(): void {
    if (!recording) return;
    visit.keep();
    settleHeld();
    if (!buffering) return;
    buffering = false;
    const { isWhole } = buffer;
    for (const event of buffer.take()) sealer.add(event, true);
    if (isWhole) tellArrival();
    else snapshot();
    onStatus();
  }

  /** How much longer the session has to last before it is sent, ms. */
  function leastDurationLeft(): number {
    return visit.isKept ? 0 : visit.startedAt + within(rule("minDurationMs"), 0, 0, HOUR_MS) - Date.now();
  }

  /** A session that has lasted is sent; one that is over and has not is forgotten, as if it had not been. */
  function settleHeld(): void {
    for (const batch of outbox.batches) {
      if (!batch.held) continue;
      if (batch.sessionId !== visit.sessionId) outbox.remove(batch);
      else if (leastDurationLeft() <= 0) outbox.letGo(batch);
    }
    delivery.wake();
    onStatus();
  }

  const onEvent = neverThrow((event: CapturedEvent): void => {
    if (gone) return;
    if (isIgnored()) {
      pause();
      return;
    }
    const acted = isAction(event);
    if (visit.isOver(event.timestamp)) {
      // Nobody is there: what the page does by itself is shown by the next session's first snapshot.
      if (!acted) return;
      sayGoodbye();
      beginAnew(event.timestamp);
      if (!recording) return;
    }
    if (acted) visit.touch(event.timestamp);
    if (isChange(event)) changedSince = true;
    add(event);
    if (isFullSnapshot(event)) afterSnapshot(event.timestamp);
    // Not at a snapshot's own first event, which would take the next one within it.
    else if (event.type !== META && isSnapshotDue(event.timestamp)) snapshot();
  }, undefined);

  function isSnapshotDue(at: number): boolean {
    const everyMs = Math.max(buffering ? SPAN_MS : SNAPSHOT_EVERY_MS, snapshotMs * SNAPSHOT_SHARE);
    return (buffering || changedSince) && at - snapshotAt > everyMs;
  }

  /** Until the page's address is another one. */
  function pause(): void {
    sayGoodbye();
    endCapture();
    onStatus();
  }

  function afterSnapshot(at: number): void {
    snapshotAt = at;
    changedSince = false;
    hasHole = false;
    if (options.recordCrossOriginIframes) askFrames();
    if (!buffering) tellArrival();
  }

  /** Once for each page and session, after a snapshot of it that is sent. */
  function tellArrival(): void {
    if (arrivedBy === null) return;
    addEvent("rrhog.session", {
      release: options.release,
      environment: options.environment,
      sdk: SDK_VERSION,
      language: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    addEvent("rrhog.navigation", {
      href: address,
      title: document.title,
      referrer: document.referrer,
      kind: arrivedBy,
    });
    arrivedBy = null;
  }

  function addEvent(tag: string, payload: unknown): void {
    if (!recording || gone) return;
    add({ type: CUSTOM, timestamp: Date.now(), data: { tag, payload } });
  }

  function add(event: CapturedEvent): void {
    lastAt = event.timestamp;
    if (!isHandedOver(event)) masking.clean(event);
    const text = JSON.stringify(event);
    if (buffering) buffer.add(text, lastAt, event.type === META);
    else sealer.add(text, isFullSnapshot(event));
  }

  const observed: ObserveHost = {
    get options() {
      return asked();
    },
    host,
    ingestPath,
    early: [],
    nodeId,
    isMasked: (element) => masking.isMasked(element),
    scrubUrl: (url) => masking.url(url),
    get isStrict() {
      return masking.rules.strict;
    },
    neverThrow,
    /** As an event of rrweb's: none after a session's end, before the visitor's next action. */
    emit(type, data) {
      if (recording) onEvent({ type, timestamp: Date.now(), data });
    },
    onerror: () => addEvent("rrhog.trouble", { part: "observe" }),
  };

  /** What watches the page beside its DOM comes by itself, and may not come. A session that is left out needs none. */
  function observe(): void {
    if (!recording || !isAnswered || observed.stop) return;
    observed.stop = () => {};
    loadObserve(observed).catch(observed.onerror);
  }

  const snapshot = neverThrow(() => {
    snapshotMs = running?.snapshot() ?? 0;
    const everyMs = snapshotMs * SNAPSHOT_SHARE;
    if (everyMs > SNAPSHOT_EVERY_MS) addEvent("rrhog.slowed", { snapshot_every_ms: everyMs });
  }, undefined);

  /** The window's last batch, as far as is known. A session that went idle is not made longer by being left. */
  function sayGoodbye(): SealedBatch[] {
    running?.flush();
    const at = Date.now();
    const leave = { tag: "rrhog.leave", payload: { href: address } };
    if (recording) add({ type: CUSTOM, timestamp: visit.isOver(at) ? lastAt : at, data: leave });
    return sealer.sealNow(true);
  }

  /** Begins, or joins, another session on the same page. */
  function beginAnew(at: number): void {
    visit.renew(at);
    tab = inSession(tab, visit.sessionId);
    enter("load");
  }

  /** Goes on in the session that the page is in now. */
  function enter(by: NavigationKind): void {
    settleHeld();
    const refused = refusal(settings, visit.sessionId);
    if (refused) giveUpRecording(refused);
    else if (!recording) begin(by);
    else if (obstacle()) endCapture();
    else {
      arrivedBy = by;
      buffer.take();
      buffering = mustWait();
      snapshot();
    }
  }

  function start(): void {
    if (!halted) return;
    halted = null;
    begin("load");
    onStatus();
    void askWhetherTo();
  }

  /** Begins to capture, if the rules let it. */
  function begin(by: NavigationKind): void {
    if (recording || obstacle()) return;
    recording = true;
    arrivedBy = by;
    buffering = mustWait();
    masking = createMasking(privacyRules(stricterOf(options, settings.recorder)));
    running = capture(onEvent, masking, asked());
    (window.requestIdleCallback ?? setTimeout)(observe);
  }

  function reset(): void {
    sayGoodbye();
    visit.end(true);
    beginAnew(Date.now());
  }

  /** What is recorded before the answer stays in the page until then, and is not lost if it is wanted. */
  async function askWhetherTo(): Promise<void> {
    delivery.hold();
    const from = tab.nextSeq;
    const before = JSON.stringify(settings.recorder);
    const answer = await fetchSettings(host, key, visit.sessionId);
    // A page that goes cuts its request off, which is no answer: the next page asks, or this one when it comes back.
    if (gone) return;
    settings = answer ?? settings;
    isAnswered = true;
    const refused = refusal(settings, visit.sessionId);
    if (refused) giveUpRecording(refused);
    else if (JSON.stringify(settings.recorder) !== before) recordAnew(from);
    sortOut();
    delivery.release();
    (window.requestIdleCallback ?? setTimeout)(observe);
    onStatus();
  }

  /**
   * The project wants other things than it did when the page began. What was captured since `from` has not left the page,
   * so that it can be as if it had not been.
   */
  function recordAnew(from: number): void {
    endCapture();
    sealer.discard();
    for (const batch of outbox.batches) if (isOwn(batch) && batch.seq >= from) outbox.remove(batch);
    tab.nextSeq = from;
    seen = "";
    begin("load");
  }

  /** Gives up what the project takes nothing of, or no longer, without a request for each. */
  function sortOut(): void {
    const days = Math.min(settings.retention_days ?? BATCH_AGE_DAYS_MAX, BATCH_AGE_DAYS_MAX);
    const oldest = Date.now() - days * 24 * HOUR_MS;
    delivery.giveUp((batch) => (batch.sealedAt < oldest ? "too_old" : refusal(settings, batch.sessionId)));
  }

  function stop(): void {
    if (halted) return;
    endCapture();
    sealer.sealNow(false);
    halted = "stopped";
    onStatus();
  }

  /** Stops, and what has no number yet gets none. */
  function giveUpRecording(reason: State): void {
    if (halted) return;
    endCapture();
    sealer.discard();
    halted = reason;
    onStatus();
  }

  function endCapture(): void {
    const ending = running;
    running = undefined;
    // Tells what was not told yet, which belongs to where the rest went.
    ending?.stop();
    observed.stop?.();
    observed.stop = undefined;
    recording = buffering = false;
    buffer.take();
  }

  function leave(): void {
    if (gone) return;
    observed.leave?.();
    delivery.sendNow(sayGoodbye());
    gone = true;
    putTab(key, tab);
  }

  /** Back from the back/forward cache: other pages of this tab have counted on meanwhile. */
  function comeBack(): void {
    if (forgotten) return;
    gone = false;
    visit.renew(Date.now());
    tab = takeTab(key, visit.sessionId);
    enter("pop");
    if (!halted) void askWhetherTo();
    delivery.wake(true);
  }

  function onVisibility(): void {
    if (gone) return;
    if (document.visibilityState === "hidden") {
      // On a phone this may be the last that is seen of the page; if it is going for certain, pagehide has more to say.
      hiddenAt = Date.now();
      sealer.seal();
    } else if (changedSince && Date.now() - hiddenAt > SNAPSHOT_ON_RETURN_MS) {
      snapshot();
    }
  }

  function onError(event: ErrorEvent | PromiseRejectionEvent): void {
    if (recording && observed.early.length < EARLY_ERRORS_MAX) observed.early.push(event);
    // Browsers report loops of resize observers as errors, and pages are full of them.
    if (rule("sampleOnError") && !/^ResizeObserver/.test((event as ErrorEvent).message)) keepSession();
  }

  function forget(): void {
    giveUpRecording("opted_out");
    forgotten = true;
    gone = true;
    delivery.hold();
    outbox.clear();
    visit.forget();
    forgetSettings(key);
  }

  async function adoptLeft(): Promise<void> {
    const { windowId } = tab;
    const before = Date.now() - LEFT_BATCH_MS;
    // This tab's earlier pages are gone for certain; another window's page may still be at work.
    await outbox.adopt((batch) => batch.windowId === windowId || batch.sealedAt < before);
    sortOut();
    settleHeld();
  }

  function onNavigation(navigation: Navigation): void {
    if (!recording) begin(navigation.kind);
    else if (isIgnored()) pause();
    else addEvent("rrhog.navigation", navigation);
  }

  /** Another tab has written to the session. */
  function onStorage(event: StorageEvent): void {
    if (gone || event.key !== visit.storageName) return;
    if (!visit.follow()) {
      if (buffering && visit.isKept) keepSession();
    } else if (recording && tab.nextSeq === 0) {
      // Two that began at once. Nothing has a number yet, so nothing is left behind.
      sealer.discard();
      beginAnew(Date.now());
    }
  }

  addEventListener("pagehide", neverThrow(leave, undefined));
  addEventListener(
    "pageshow",
    neverThrow((event: PageTransitionEvent) => event.persisted && comeBack(), undefined),
  );
  document.addEventListener("visibilitychange", neverThrow(onVisibility, undefined));
  addEventListener("storage", neverThrow(onStorage, undefined));
  watchNavigation(neverThrow(onNavigation, undefined));
  onPageError(neverThrow(onError, undefined));
  void adoptLeft();
  setTimeout(() => void adoptLeft(), LEFT_BATCH_MS);

  return {
    start,
    stop,
    reset,
    identify: (user) => visit.identify(user),
    track(name, properties) {
      addEvent("rrhog.track", { name, properties });
      if (name === rule("startOnEvent") && isChosen()) keepSession();
    },
    forget,
    status: () => ({
      recording,
      state: obstacle() ?? (buffering ? "buffering" : leastDurationLeft() > 0 ? "waiting" : "recording"),
      session_id: visit.sessionId,
      window_id: tab.windowId,
      acknowledged: tab.acknowledged,
      pending: outbox.batches.length,
      dropped: tab.dropped.reduce((sum, { from, to }) => sum + to - from + 1, 0),
      retry_at: delivery.retryAt,
    }),
  };
}
