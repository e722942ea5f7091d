/**
 * This window's batches, over the pages of its tab: events are sealed under the window's own numbers, kept until a 202,
 * and what has to be given up is noted for the ledger. What other pages left behind is sent beside them.
 */
import type { BatchFacts, SealedBatch } from "./batch.ts";
import { startDelivery } from "./delivery.ts";
import { openOutbox } from "./outbox.ts";
import { createSealer } from "./sealer.ts";
import type { Status } from "./status.ts";
import { forgetTab, inSession, noteDropped, putTab, takeTab } from "./tab.ts";
import type { Visit } from "./visit.ts";

/** A batch of another window this old has been left: its own page would have sent it. */
const LEFT_BATCH_MS = 20_000;

export interface Target {
  /** Where the edge is, e.g. `https://in.example.com`. */
  host: string;
  /** The project's write key. */
  key: string;
  /** Where the edge takes batches, e.g. `/i`. */
  ingestPath: string;
}

export interface WindowBatchesOptions {
  target: Target;
  visit: Visit;
  /** What an envelope says beside its window and its number. */
  facts(): Pick<BatchFacts, "url" | "user" | "release" | "environment">;
  /** How much longer the session has to last before anything of it is sent, ms. */
  leastDurationLeft(): number;
  /** Why a batch is not wanted, or no longer. */
  refusalOf(batch: SealedBatch): string | null;
  /** The server takes batches, and what follows cannot be played without a full snapshot. Again at each 202, until one comes. */
  onSnapshotWanted(): void;
  /** The server has deleted the session that the page is in. What waited of it is forgotten. */
  onSessionGone(): void;
  /** The server takes nothing more of this session. */
  onStop(reason: string): void;
  /** A figure of the status may have changed. */
  onChange(): void;
}

export interface WindowBatches {
  /** The number of the next batch. */
  readonly nextSeq: number;
  /** Takes an event as JSON. */
  add(event: string, isSnapshot: boolean): void;
  /** Seals what waits without waiting for more. */
  seal(): void;
  /** Likewise, in this very turn. `isEnd`: the window is not expected to have another batch. */
  sealNow(isEnd: boolean): void;
  /** Forgets what has no number yet. */
  discard(): void;
  /** Forgets all from number `seq` on, as if it had never been: it must not have left the page. */
  rewind(seq: number): void;
  /** Goes on in the session that the visit is in now. */
  joinSession(): void;
  /** Sends what a session held that has lasted for its least duration, and forgets what one did that is over. */
  settleHeld(): void;
  /** Gives up what is not wanted, without a request for each. */
  giveUpRefused(): void;
  /** Nothing leaves the page from here on, and none does before the first `release`. */
  hold(): void;
  release(): void;
  /** The page goes: seals what waits and sends what it can, the rest is the next page's. */
  leave(): void;
  /** The page is back, and has not been released yet: other pages of this tab have counted on meanwhile. */
  comeBack(): void;
  /** Deletes all, what other pages left included. */
  forget(): void;
  status(): Pick<Status, "window_id" | "acknowledged" | "pending" | "dropped" | "retry_at">;
}

export function createWindowBatches(options: WindowBatchesOptions): WindowBatches {
  const { target, visit, leastDurationLeft, onChange } = options;
  const { key } = target;
  let tab = takeTab(key, visit.sessionId);
  let heldTimer: ReturnType<typeof setTimeout> | undefined;
  /** A batch was given up, or the server misses one: what follows cannot be played until the next full snapshot. */
  let hasHole = false;

  const outbox = openOutbox(key);
  const delivery = startDelivery({
    ...target,
    outbox,
    onAcknowledged(batch, wantsSnapshot) {
      if (isOwn(batch)) tab.acknowledged++;
      hasHole ||= wantsSnapshot;
      // Only once the server takes batches again: a refused snapshot would call for the next one.
      if (hasHole) options.onSnapshotWanted();
    },
    onGivenUp: giveUp,
    onSessionGone({ sessionId }) {
      delivery.giveUp((other) => (other.sessionId === sessionId ? "session_deleted" : null));
      if (sessionId !== visit.sessionId) return;
      // Not to be told by the next one.
      sealer.discard();
      options.onSessionGone();
    },
    onStop(batch, reason) {
      // Sampling leaves out one session, and an earlier page's batch may be of another. All else is about the project.
      const concerns = ({ sessionId }: { sessionId: string }) =>
        reason !== "sampled_out" || sessionId === batch.sessionId;
      delivery.giveUp((other) => (concerns(other) ? reason : null));
      if (concerns(visit)) options.onStop(reason);
    },
    onChange,
  });

  const sealer = createSealer({
    facts: () => ({
      ...options.facts(),
      sessionId: tab.sessionId,
      windowId: tab.windowId,
      seq: tab.nextSeq,
      // Whole, as the edge wants it: pages put clocks of their own there.
      sealedAt: Math.floor(Date.now()),
      sealedThrough: tab.nextSeq,
      dropped: tab.dropped,
      end: false,
    }),
    keep(batch) {
      tab.nextSeq = batch.seq + 1;
      if (leastDurationLeft() > 0) batch.held = true;
      for (const evicted of outbox.add(batch)) giveUp(evicted, "storage_full");
      settleHeld();
    },
  });

  function isOwn(batch: SealedBatch): boolean {
    return batch.windowId === tab.windowId && batch.sessionId === tab.sessionId;
  }

  function giveUp(batch: SealedBatch, reason: string): void {
    if (!isOwn(batch)) return;
    noteDropped(tab, batch.seq, reason);
    hasHole = true;
  }

  function settleHeld(): void {
    const shortForMs = leastDurationLeft();
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
    onChange();
  }

  function giveUpRefused(): void {
    delivery.giveUp(options.refusalOf);
  }

  async function adoptLeft(): Promise<void> {
    const { windowId } = tab;
    const before = Date.now() - LEFT_BATCH_MS;
    // This tab's earlier pages are gone for certain; another window's page may still be at work.
    await outbox.adopt((batch) => batch.windowId === windowId || batch.sealedAt < before);
    giveUpRefused();
    settleHeld();
  }
  void adoptLeft();
  setTimeout(() => void adoptLeft(), LEFT_BATCH_MS);

  return {
    get nextSeq() {
      return tab.nextSeq;
    },
    add(event, isSnapshot) {
      if (isSnapshot) hasHole = false;
      sealer.add(event, isSnapshot);
    },
    seal: sealer.seal,
    sealNow: sealer.sealNow,
    discard: sealer.discard,
    rewind(seq) {
      sealer.discard();
      for (const batch of outbox.batches) if (isOwn(batch) && batch.seq >= seq) outbox.remove(batch);
      tab.nextSeq = seq;
    },
    joinSession() {
      tab = inSession(tab, visit.sessionId);
    },
    settleHeld,
    giveUpRefused,
    hold: delivery.hold,
    release: delivery.release,
    leave() {
      delivery.sendNow(sealer.sealNow(true));
      putTab(key, tab);
    },
    comeBack() {
      tab = takeTab(key, visit.sessionId);
      delivery.wake(true);
    },
    forget() {
      delivery.hold();
      forgetTab(key);
      outbox.clear();
    },
    status: () => ({
      window_id: tab.windowId,
      acknowledged: tab.acknowledged,
      pending: outbox.batches.length,
      dropped: tab.dropped.reduce((sum, { from, to }) => sum + to - from + 1, 0),
      retry_at: delivery.retryAt,
    }),
  };
}
