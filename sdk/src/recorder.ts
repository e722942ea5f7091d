/**
 * One page's recording: events from rrweb become numbered batches of this window in this session, and batches are
 * delivered. Begins, ends and rolls over sessions, and sees to it that a page that goes leaves nothing behind unsealed.
 */
import type { RecordedUser } from "../../protocol/batch.ts";
import type { SealedBatch } from "./batch.ts";
import {
  type Capture,
  type CapturedEvent,
  type CaptureOptions,
  capture,
  isAction,
  isChange,
  isFullSnapshot,
  isMasked,
  nodeId,
} from "./capture.ts";
import { type Delivery, startDelivery } from "./delivery.ts";
import { askFrames } from "./frames.ts";
import { type NavigationKind, watchNavigation } from "./navigation.ts";
import { neverThrow } from "./never-throw.ts";
import type { LoadObserve, ObserveHost, ObserveOptions } from "./observe/host.ts";
import { openOutbox } from "./outbox.ts";
import { scrubUrl } from "./privacy/scrub-url.ts";
import { createSealer } from "./sealer.ts";
import { fetchSettings, refusal, type Settings } from "./settings.ts";
import { inSession, noteDropped, putTab, takeTab } from "./tab.ts";
import { joinVisit } from "./visit.ts";

/** So that playback can seek: a span is never much longer, if anything changed in it. */
const SNAPSHOT_EVERY_MS = 4 * 60_000;
/** Snapshots of a page so large that each takes long are a thousandth of its time at most. */
const SNAPSHOT_SHARE = 1_000;
/** Someone who returns after this long gets a snapshot too. */
const SNAPSHOT_ON_RETURN_MS = 60_000;
/** A batch of another window this old has been left: its own page would have sent it. */
const LEFT_BATCH_MS = 60_000;

/** Errors that are kept for what tells of them, which is loaded later. */
const EARLY_ERRORS_MAX = 20;

const CUSTOM = 5;

export interface Target {
  /** Where the edge is, e.g. `https://in.example.com`. */
  host: string;
  /** The project's write key. */
  key: string;
  /** Where the edge takes batches, e.g. `/i`. */
  ingestPath: string;
}

/** How the recording stands, for a page that wants to show it. */
export interface Status {
  recording: boolean;
  session_id: string;
  window_id: string;
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
  identify(user: RecordedUser): void;
  /** Adds a custom event of rrweb's kind to the recording. Nothing while not recording. */
  addEvent(tag: string, payload: unknown): void;
  status(): Status;
}

/** `onStatus` is called whenever a figure of the status may have changed. */
export function createRecorder(
  { host, key, ingestPath }: Target,
  options: CaptureOptions & ObserveOptions,
  loadObserve: LoadObserve,
  onStatus: () => void,
): Recorder {
  const visit = joinVisit(key, Date.now());
  let tab = takeTab(key, visit.sessionId);
  let running: Capture | undefined;
  /** Null before the edge has told them, and where it does not. */
  let settings: Settings | null = null;
  /** Set before rrweb starts: on a page that is parsed already it takes its snapshot at once. */
  let recording = false;
  /** The page is going, or sleeps in the back/forward cache: the window's state is no longer ours. */
  let gone = false;
  /** The kind of navigation that the next full snapshot shows the outcome of. */
  let arrivedBy: NavigationKind | null = null;
  let snapshotAt = 0;
  let snapshotEveryMs = SNAPSHOT_EVERY_MS;
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
      if (recording) beginAnew(Date.now());
    },
    onStop(batch, reason) {
      // Sampling leaves out one session, and an earlier page's batch may be of another. All else is about the project.
      const concerns = ({ sessionId }: SealedBatch) => reason !== "sampled_out" || sessionId === batch.sessionId;
      delivery.giveUp((other) => (concerns(other) ? reason : null));
      if (reason !== "sampled_out" || batch.sessionId === visit.sessionId) giveUpRecording();
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
      url: location.href,
      user: visit.user,
      dropped: tab.dropped,
      end: false,
    }),
    keep(batch) {
      tab.nextSeq = batch.seq + 1;
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

  const onEvent = neverThrow((event: CapturedEvent): void => {
    if (gone) return;
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
    else if (changedSince && event.timestamp - snapshotAt > snapshotEveryMs) snapshot();
  }, undefined);

  function afterSnapshot(at: number): void {
    snapshotAt = at;
    changedSince = false;
    hasHole = false;
    if (options.recordCrossOriginIframes) askFrames();
    if (arrivedBy === null) return;
    addEvent("rrhog.navigation", {
      href: location.href,
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
    sealer.add(JSON.stringify(event), isFullSnapshot(event));
  }

  const observed: ObserveHost = {
    options,
    host,
    ingestPath,
    early: [],
    nodeId,
    isMasked,
    scrubUrl,
    neverThrow,
    /** As an event of rrweb's: none after a session's end, before the visitor's next action. */
    emit(type, data) {
      if (recording) onEvent({ type, timestamp: Date.now(), data });
    },
    onerror: () => addEvent("rrhog.trouble", { part: "observe" }),
  };

  function noteEarly(event: Event): void {
    if (recording && observed.early.length < EARLY_ERRORS_MAX) observed.early.push(event);
  }

  /** What watches the page beside its DOM comes by itself, and may not come. */
  function observe(): void {
    if (!recording || observed.stop) return;
    observed.stop = () => {};
    loadObserve(observed).catch(observed.onerror);
  }

  const snapshot = neverThrow(() => {
    const tookMs = running?.snapshot() ?? 0;
    snapshotEveryMs = Math.max(SNAPSHOT_EVERY_MS, tookMs * SNAPSHOT_SHARE);
    if (snapshotEveryMs > SNAPSHOT_EVERY_MS) addEvent("rrhog.slowed", { snapshot_every_ms: snapshotEveryMs });
  }, undefined);

  /** The window's last batch, as far as is known. A session that went idle is not made longer by being left. */
  function sayGoodbye(): SealedBatch[] {
    running?.flush();
    const at = Date.now();
    const leave = { tag: "rrhog.leave", payload: { href: location.href } };
    if (recording) add({ type: CUSTOM, timestamp: visit.isOver(at) ? lastAt : at, data: leave });
    return sealer.sealNow(true);
  }

  /** Begins, or joins, another session on the same page. */
  function beginAnew(at: number): void {
    visit.renew(at);
    tab = inSession(tab, visit.sessionId);
    arrivedBy = "load";
    if (refusal(settings, visit.sessionId)) giveUpRecording();
    else snapshot();
  }

  function start(): void {
    if (recording) return;
    recording = true;
    arrivedBy = "load";
    running = capture(onEvent, options);
    onStatus();
    void askWhetherTo();
  }

  /** What is recorded before the answer stays in the page until then, and is not lost if it is wanted. */
  async function askWhetherTo(): Promise<void> {
    delivery.hold();
    settings = await fetchSettings(host, key, visit.sessionId);
    // A page that goes cuts its request off, which is no answer: the next page asks, or this one when it comes back.
    if (gone) return;
    if (refusal(settings, visit.sessionId)) giveUpRecording();
    sortOut();
    delivery.release();
    // Not before: a session that is left out needs no second script.
    (window.requestIdleCallback ?? setTimeout)(observe);
    onStatus();
  }

  /** Gives up what the project takes nothing of, without a request for each. */
  function sortOut(): void {
    delivery.giveUp(({ sessionId }) => refusal(settings, sessionId));
  }

  function stop(): void {
    if (!recording) return;
    endCapture();
    sealer.sealNow(false);
    onStatus();
  }

  /** Stops, and what has no number yet gets none. */
  function giveUpRecording(): void {
    if (!recording) return;
    endCapture();
    sealer.discard();
    onStatus();
  }

  function endCapture(): void {
    recording = false;
    running?.stop();
    running = undefined;
    observed.stop?.();
    observed.stop = undefined;
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
    gone = false;
    visit.renew(Date.now());
    tab = takeTab(key, visit.sessionId);
    arrivedBy = "pop";
    snapshot();
    if (recording) void askWhetherTo();
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

  async function adoptLeft(): Promise<void> {
    const { windowId } = tab;
    const before = Date.now() - LEFT_BATCH_MS;
    // This tab's earlier pages are gone for certain; another window's page may still be at work.
    await outbox.adopt((batch) => batch.windowId === windowId || batch.sealedAt < before);
    sortOut();
    delivery.wake();
    onStatus();
  }

  addEventListener("error", noteEarly);
  addEventListener("unhandledrejection", noteEarly);
  addEventListener("pagehide", neverThrow(leave, undefined));
  addEventListener(
    "pageshow",
    neverThrow((event: PageTransitionEvent) => event.persisted && comeBack(), undefined),
  );
  document.addEventListener("visibilitychange", neverThrow(onVisibility, undefined));
  watchNavigation(neverThrow((navigation) => addEvent("rrhog.navigation", navigation), undefined));
  void adoptLeft();
  setTimeout(() => void adoptLeft(), LEFT_BATCH_MS);

  return {
    start,
    stop,
    identify: (user) => visit.identify(user),
    addEvent,
    status: () => ({
      recording,
      session_id: visit.sessionId,
      window_id: tab.windowId,
      acknowledged: tab.acknowledged,
      pending: outbox.batches.length,
      dropped: tab.dropped.reduce((sum, { from, to }) => sum + to - from + 1, 0),
      retry_at: delivery.retryAt,
    }),
  };
}
