/**
 * One page's recording, from one visit's session to the next: whether the page is recorded now, by its own word, by its
 * project's and by its address, and what becomes of the recording when the page goes, sleeps, comes back or is asked to stop.
 */
import type { RecordedUser } from "../../protocol/batch.ts";
import type { CaptureOptions } from "./capture.ts";
import { createChoice } from "./choice.ts";
import { listen, watchRewrites } from "./listening.ts";
import { type Navigation, type NavigationKind, watchNavigation } from "./navigation.ts";
import { neverThrow } from "./never-throw.ts";
import type { LoadObserve, ObserveOptions } from "./observe/host.ts";
import { onPageError } from "./page-errors.ts";
import { watchPageLife } from "./page-life.ts";
import type { PrivacyOptions } from "./privacy/rules.ts";
import { createRecording } from "./recording.ts";
import { type Rules, within } from "./rules.ts";
import { openSettings } from "./settings.ts";
import type { State, Status } from "./status.ts";
import { joinVisit } from "./visit.ts";
import { createWindowBatches, type Target } from "./window-batches.ts";

/** Someone who returns after this long gets a snapshot too. */
const SNAPSHOT_ON_RETURN_MS = 60_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What a site says of its recordings: see `Options` (client.ts). */
export interface RecorderOptions extends Rules, PrivacyOptions {
  release?: string | undefined;
  environment?: string | undefined;
  sessionIdleMinutes?: number | undefined;
  sessionMaxHours?: number | undefined;
}

export interface Recorder {
  /** @param since by the page's clock: nothing that the browser has kept from before is told */
  start(since: number): void;
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
  target: Target,
  options: RecorderOptions & CaptureOptions & ObserveOptions,
  loadObserve: LoadObserve,
  onStatus: () => void,
): Recorder {
  const { host, key } = target;
  const visit = joinVisit(key, Date.now(), {
    idleMs: within(options.sessionIdleMinutes, 30, 1, 24 * 60) * MINUTE_MS,
    sessionMs: within(options.sessionMaxHours, 24, 1 / 60, 24) * HOUR_MS,
  });
  const settings = openSettings(host, key);
  const choice = createChoice(options, settings, visit);
  /** Why nothing is recorded until somebody calls `start`, be the address and the session what they may. */
  let halted: State | null = "waiting";

  const batches = createWindowBatches({
    target,
    visit,
    facts: () => ({
      url: recording.masking.url(choice.address),
      user: visit.user,
      release: options.release,
      environment: options.environment,
    }),
    leastDurationLeft: choice.leastDurationLeft,
    refusalOf: settings.refusalOf,
    onSnapshotWanted: () => recording.repair(),
    onSessionGone() {
      visit.end();
      if (!halted) beginAnew(Date.now());
    },
    onStop: giveUpRecording,
    onChange: onStatus,
  });

  const recording = createRecording({
    target,
    options,
    settings,
    choice,
    batches,
    loadObserve,
    isGone: () => page.isGone,
    admits,
  });

  /** Why nothing is captured now. */
  function obstacle(): State | null {
    return halted ?? choice.obstacle();
  }

  /** Sees to it that an event is of the session that the page is in. */
  function admits(at: number, isAction: boolean): boolean {
    if (page.isGone) return false;
    if (choice.isIgnored()) {
      pause();
      return false;
    }
    if (visit.isOver(at)) {
      // Nobody is there: what the page does by itself is shown by the next session's first snapshot.
      if (!isAction) return false;
      sayGoodbye();
      beginAnew(at);
      if (!recording.isOn) return false;
    }
    if (isAction) visit.touch(at);
    return true;
  }

  /** The window has no more to tell, as far as is known. */
  function sayGoodbye(): void {
    recording.tellLeave(visit.isOver(Date.now()));
    batches.sealNow(true);
  }

  /** Until the page's address is another one. */
  function pause(): void {
    sayGoodbye();
    recording.end();
    onStatus();
  }

  /** Begins, or joins, another session on the same page. */
  function beginAnew(at: number): void {
    visit.renew(at);
    batches.joinSession();
    enter("load");
  }

  /** Goes on in the session that the page is in now. */
  function enter(by: NavigationKind): void {
    batches.settleHeld();
    const refused = settings.refusal(visit.sessionId);
    if (refused) giveUpRecording(refused);
    else if (!recording.isOn) begin(by);
    else if (obstacle()) recording.end();
    else recording.beginAnew(by);
  }

  function start(since: number): void {
    if (!halted) return;
    halted = null;
    begin("load", since);
    onStatus();
    void askWhetherTo();
  }

  /** Begins to record, if the rules let it. */
  function begin(by: NavigationKind, since = performance.now()): void {
    if (!recording.isOn && !obstacle()) recording.begin(by, since);
  }

  function reset(): void {
    sayGoodbye();
    visit.end(true);
    beginAnew(Date.now());
  }

  /** What is recorded before the answer stays in the page until then, and is not lost if it is wanted. */
  async function askWhetherTo(): Promise<void> {
    batches.hold();
    const from = batches.nextSeq;
    const answer = await settings.ask(visit.sessionId);
    // A page that goes cuts its request off, which is no answer: the next page asks, or this one when it comes back.
    if (page.isGone) return;
    const wantsOther = settings.heed(answer);
    const refused = settings.refusal(visit.sessionId);
    if (refused) giveUpRecording(refused);
    else if (wantsOther) recordAnew(from);
    batches.giveUpRefused();
    batches.release();
    recording.observe();
    onStatus();
  }

  /**
   * The project wants other things than it did when the page began. What was captured since `from` has not left the page,
   * so that it can be as if it had not been.
   */
  function recordAnew(from: number): void {
    const since = recording.isOn ? recording.since : undefined;
    recording.end();
    batches.rewind(from);
    choice.reconsider();
    begin("load", since);
  }

  function stop(): void {
    if (halted) return;
    recording.end();
    batches.sealNow(false);
    halted = "stopped";
    onStatus();
  }

  /** Stops, and what has no number yet gets none. */
  function giveUpRecording(reason: State): void {
    if (halted) return;
    recording.end();
    batches.discard();
    halted = reason;
    onStatus();
  }

  /** What was waited for has happened, here or in another tab: the session is recorded to its end. */
  function keepSession(): void {
    if (!recording.isOn) return;
    visit.keep();
    batches.settleHeld();
    recording.keep();
    onStatus();
  }

  function onError(event: ErrorEvent | PromiseRejectionEvent): void {
    recording.noteError(event);
    // Browsers report loops of resize observers as errors, and pages are full of them.
    if (choice.rule("sampleOnError") && !/^ResizeObserver/.test((event as ErrorEvent).message)) keepSession();
  }

  function onNavigation(navigation: Navigation): void {
    if (!recording.isOn) begin(navigation.kind);
    else if (choice.isIgnored()) pause();
    else recording.tell("rrhog.navigation", navigation);
  }

  /** Rrweb knows the old document, and hears nothing of the visitor in the new one. */
  function onRewrite(): void {
    if (!recording.isOn) return;
    recording.end();
    begin("load");
  }

  /** Another tab has written to the session. */
  function onStorage(event: StorageEvent): void {
    if (page.isGone || event.key !== visit.storageName) return;
    if (!visit.follow()) {
      if (recording.isBuffering && visit.isKept) keepSession();
    } else if (recording.isOn && batches.nextSeq === 0) {
      // Two that began at once. Nothing has a number yet, so nothing is left behind.
      batches.discard();
      beginAnew(Date.now());
    }
  }

  const page = watchPageLife({
    onHide: batches.seal,
    onShow(hiddenMs) {
      if (hiddenMs > SNAPSHOT_ON_RETURN_MS) recording.refresh();
    },
    onLeave() {
      recording.tellRest();
      recording.tellLeave(visit.isOver(Date.now()));
      batches.leave();
    },
    onReturn() {
      visit.renew(Date.now());
      batches.comeBack();
      enter("pop");
      if (!halted) void askWhetherTo();
    },
  });
  listen(window, "storage", onStorage);
  watchNavigation(neverThrow(onNavigation));
  onPageError(onError);
  watchRewrites(onRewrite);

  return {
    start,
    stop,
    reset,
    identify: visit.identify,
    track(name, properties) {
      // As the visitor's own doing: told hours later, it is of another session.
      if (recording.isOn && admits(Date.now(), true)) recording.tell("rrhog.track", { name, properties });
      if (name === choice.rule("startOnEvent") && choice.isChosen()) keepSession();
    },
    forget() {
      giveUpRecording("opted_out");
      page.end();
      batches.forget();
      visit.forget();
      settings.forget();
    },
    status: () => ({
      ...batches.status(),
      recording: recording.isOn,
      state:
        obstacle() ?? (recording.isBuffering ? "buffering" : choice.leastDurationLeft() > 0 ? "waiting" : "recording"),
      session_id: visit.sessionId,
    }),
  };
}
