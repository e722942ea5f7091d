/**
 * One page's recording: events from rrweb become numbered batches of this window in this session, and batches are
 * delivered. Begins, ends and rolls over sessions, and sees to it that a page that goes leaves nothing behind unsealed.
 */
import type { RecordedUser } from "../../protocol/batch.ts";
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
} from "./capture.ts";
import { createChoice } from "./choice.ts";
import { type Delivery, startDelivery } from "./delivery.ts";
import { askFrames } from "./frames.ts";
import { type Navigation, type NavigationKind, watchNavigation } from "./navigation.ts";
import { neverThrow } from "./never-throw.ts";
import type { LoadObserve, ObserveOptions } from "./observe/host.ts";
import { createObserving } from "./observing.ts";
import { openOutbox } from "./outbox.ts";
import { onPageError } from "./page-errors.ts";
import { createMasking } from "./privacy/masking.ts";
import { type PrivacyOptions, privacyRules, stricterOf } from "./privacy/rules.ts";
import { type Rules, within } from "./rules.ts";
import { createSealer } from "./sealer.ts";
import { fetchSettings, forgetSettings, lastSettings, refusal } from "./settings.ts";
import type { State, Status } from "./status.ts";
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
/** What can wait for a page's idle time does not wait for longer. */
const IDLE_WITHIN_MS = 2_000;
/** No project keeps a claim open for longer: what comes later would be refused. */
const BATCH_AGE_DAYS_MAX = 30;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

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

/** Soon also on a page that is never idle. */
function whenIdle(work: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: IDLE_WITHIN_MS });
  else setTimeout(work);
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
  const choice = createChoice(options, () => settings, visit);
  /** By what page and project ask for when capturing begins. */
  let masking = createMasking(privacyRules({ privacy: "strict" }));
  /** Why nothing is recorded until somebody calls `start`, be the address and the session what they may. */
  let halted: State | null = "waiting";
  /** Set before rrweb starts: on a page that is parsed already it takes its snapshot at once. */
  let recording = false;
  /** What is captured stays in memory until `keepSession`. */
  let buffering = false;
  const buffer = createBuffer();
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
  let heldTimer: ReturnType<typeof setTimeout> | undefined;
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
      url: masking.url(choice.address),
      user: visit.user,
      release: options.release,
      environment: options.environment,
      dropped: tab.dropped,
      end: false,
    }),
    keep(batch) {
      tab.nextSeq = batch.seq + 1;
      if (choice.leastDurationLeft() > 0) batch.held = true;
      for (const evicted of outbox.add(batch)) giveUp(evicted, "storage_full");
      settleHeld();
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

  /** The page's options, and of its project's those that the page does not set. */
  function asked(): CaptureOptions & ObserveOptions {
    return { ...(settings.recorder as CaptureOptions & ObserveOptions), ...options };
  }

  /** Why nothing is captured now. */
  function obstacle(): State | null {
    return halted ?? choice.obstacle();
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

  /** A session that has lasted is sent; one that is over and has not is forgotten, as if it had not been. */
  function settleHeld(): void {
    const shortForMs = choice.leastDurationLeft();
    let isShort = false;
    for (const batch of outbox.batches) {
      if (!batch.held) continue;
      if (batch.sessionId !== visit.sessionId) outbox.remove(batch);
      else if (shortForMs <= 0) outbox.letGo(batch);
      else isShort = true;
    }
    clearTimeout(heldTimer);
    // For those of earlier pages too, be there any of this one or not.
    if (isShort) heldTimer = setTimeout(settleHeld, shortForMs);
    delivery.wake();
    onStatus();
  }

  const onEvent = neverThrow((event: CapturedEvent): void => {
    if (gone) return;
    if (choice.isIgnored()) {
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
      // Once for a window: a page that has not formatted a date yet waits some 25 ms for it.
      timezone: tab.nextSeq === 0 ? Intl.DateTimeFormat().resolvedOptions().timeZone : undefined,
    });
    addEvent("rrhog.navigation", {
      href: choice.address,
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

  const observing = createObserving({
    host,
    ingestPath,
    options: asked,
    masking: () => masking,
    loadObserve,
    /** As an event of rrweb's: none after a session's end, before the visitor's next action. */
    emit(type, data) {
      if (recording) onEvent({ type, timestamp: Date.now(), data });
    },
    onTrouble: () => addEvent("rrhog.trouble", { part: "observe" }),
  });

  /** What watches the page beside its DOM comes by itself, and may not come. A session that is left out needs none. */
  function observe(): void {
    if (recording && isAnswered) observing.begin();
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
    const leave = { tag: "rrhog.leave", payload: { href: choice.address } };
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
      buffering = choice.mustWait();
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
    buffering = choice.mustWait();
    masking = createMasking(privacyRules(stricterOf(options, settings.recorder)));
    running = capture(onEvent, masking, asked());
    whenIdle(observe);
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
    whenIdle(observe);
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
    choice.reconsider();
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
    observing.end();
    recording = buffering = false;
    buffer.take();
  }

  function leave(): void {
    if (gone) return;
    observing.leave();
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
    if (recording) observing.noteEarly(event);
    // Browsers report loops of resize observers as errors, and pages are full of them.
    if (choice.rule("sampleOnError") && !/^ResizeObserver/.test((event as ErrorEvent).message)) keepSession();
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
    else if (choice.isIgnored()) pause();
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
      if (name === choice.rule("startOnEvent") && choice.isChosen()) keepSession();
    },
    forget,
    status: () => ({
      recording,
      state: obstacle() ?? (buffering ? "buffering" : choice.leastDurationLeft() > 0 ? "waiting" : "recording"),
      session_id: visit.sessionId,
      window_id: tab.windowId,
      acknowledged: tab.acknowledged,
      pending: outbox.batches.length,
      dropped: tab.dropped.reduce((sum, { from, to }) => sum + to - from + 1, 0),
      retry_at: delivery.retryAt,
    }),
  };
}
