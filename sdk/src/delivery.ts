/**
 * Sends the outbox, oldest first, one batch at a time, each until its 202 and as the same bytes. Trouble waits with
 * growing pauses, or as long as `Retry-After` says; what can never be taken is given up with its reason.
 */
import { BODY_BYTES_MAX } from "../../protocol/limits.ts";
import type { SealedBatch } from "./batch.ts";
import { listen } from "./listening.ts";
import type { Outbox } from "./outbox.ts";

/** What the browser lets a page that goes send after it: the bodies of all such requests together (Fetch, "keepalive"). */
const KEEPALIVE_BYTES_MAX = 60 * 1024;
const ATTEMPT_MS_MAX = 30_000;
const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 60_000;
const RETRY_AFTER_MS_MAX = 60 * 60_000;
const REASON_LENGTH_MAX = 64;

/** No second attempt can mend these. A 404 can: proxies answer it while what is behind them starts anew. */
const REFUSALS: Record<number, string> = {
  400: "malformed",
  401: "key_unknown",
  403: "forbidden",
  413: "too_large",
  415: "encoding_unknown",
  422: "too_old",
};

export interface DeliveryOptions {
  /** Where the edge is, e.g. `https://in.example.com`. */
  host: string;
  key: string;
  /** Where batches go, e.g. `/i`. */
  ingestPath: string;
  outbox: Outbox;
  onAcknowledged(batch: SealedBatch, wantsSnapshot: boolean): void;
  onGivenUp(batch: SealedBatch, reason: string): void;
  /** 410: the server has deleted the session of this batch. */
  onSessionGone(batch: SealedBatch): void;
  /** `"stop": true` in the refusal of this batch, which has been given up: `reason` is its code. */
  onStop(batch: SealedBatch, reason: string): void;
  onChange(): void;
}

export interface Delivery {
  /** When the next attempt is due after a failed one (ms of the client's clock), null while all goes well. */
  readonly retryAt: number | null;
  /** Nothing leaves the page from here on, and none does before the first `release`. */
  hold(): void;
  release(): void;
  /** Sends what waits, unless a pause is on. `now` ends the pause. */
  wake(now?: boolean): void;
  /** Gives up what waits and has a reason for it. What is under way gets its own answer. */
  giveUp(reasonFor: (batch: SealedBatch) => string | null): void;
  /**
   * Sends these as the page goes: as many as the browser lets through. The rest is left to the next page, and nothing more
   * is sent before the next `release`.
   */
  sendNow(batches: readonly SealedBatch[]): void;
}

interface Answer {
  status: number;
  retryAfter: string | null;
  body: { want?: unknown; stop?: unknown; code?: unknown } | null;
}

export function startDelivery(options: DeliveryOptions): Delivery {
  const { outbox, onChange } = options;
  const address = `${options.host}${options.ingestPath}?k=${encodeURIComponent(options.key)}`;
  const underWay = new Set<string>();
  let keepaliveBytes = 0;
  let sending = false;
  let held = true;
  /** The page is going, and its window's state with it. */
  let left = false;
  let failures = 0;
  let retryAt: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Batches that failed stand behind those that were not tried yet. */
  const attempts = new Map<string, number>();

  function next(): SealedBatch | undefined {
    let best: SealedBatch | undefined;
    for (const batch of outbox.batches) {
      if (batch.held || underWay.has(batch.id)) continue;
      if (!best || (attempts.get(batch.id) ?? 0) < (attempts.get(best.id) ?? 0)) best = batch;
    }
    return best;
  }

  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    for (let batch = next(); batch && retryAt === null && !held && !left; batch = next()) await attempt(batch);
    sending = false;
  }

  async function attempt(batch: SealedBatch): Promise<void> {
    underWay.add(batch.id);
    const bytes = batch.body.byteLength;
    // Kept alive where it may be, so that a batch sealed in a page's last moments is not cut off with it.
    const keepalive = keepaliveBytes + bytes <= KEEPALIVE_BYTES_MAX;
    if (keepalive) keepaliveBytes += bytes;
    const answer = bytes > BODY_BYTES_MAX ? null : await post(batch, keepalive).catch(() => undefined);
    if (keepalive) keepaliveBytes -= bytes;
    underWay.delete(batch.id);
    if (answer === null) giveUp(batch, "too_large");
    else settle(batch, answer);
    onChange();
  }

  /** The clock of the attempt is all that two attempts differ in. */
  function addressOf({ query }: SealedBatch): string {
    return `${address}&t=${Date.now()}${query ? `&${query}` : ""}`;
  }

  async function post(batch: SealedBatch, keepalive: boolean): Promise<Answer> {
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), ATTEMPT_MS_MAX);
    try {
      const response = await fetch(addressOf(batch), {
        method: "POST",
        body: batch.body,
        keepalive,
        // No cookies, and a type that asks for no preflight: the edge knows gzip by its first bytes.
        credentials: "omit",
        headers: { "Content-Type": "text/plain" },
        signal: abort.signal,
      });
      const body = (await response.json().catch(() => null)) as Answer["body"];
      return { status: response.status, retryAfter: response.headers.get("Retry-After"), body };
    } finally {
      clearTimeout(timeout);
    }
  }

  /** `answer` is undefined where there was none: offline, cut off, too slow. */
  function settle(batch: SealedBatch, answer: Answer | undefined): void {
    // The window's next page has taken over what this one knew: it sends the batch again, and counts it.
    if (left && answer?.status === 202) return;
    if (answer?.status === 202) {
      outbox.remove(batch);
      attempts.delete(batch.id);
      failures = 0;
      retryAt = null;
      const { want } = answer.body ?? {};
      options.onAcknowledged(batch, Array.isArray(want) && want.includes("snapshot"));
      return;
    }
    if (answer?.body?.stop === true) {
      const reason = String(answer.body.code ?? "stopped").slice(0, REASON_LENGTH_MAX);
      giveUp(batch, reason);
      options.onStop(batch, reason);
      return;
    }
    if (answer?.status === 410) {
      giveUp(batch, "session_deleted");
      options.onSessionGone(batch);
      return;
    }
    const refusal = answer && REFUSALS[answer.status];
    if (refusal) giveUp(batch, refusal);
    else attempts.set(batch.id, (attempts.get(batch.id) ?? 0) + 1);
    // After a refusal too: the next batch is likely to fare no better. A server that asks for two seconds each time gets
    // growing pauses all the same, or its visitors would hammer it through the whole outage.
    pause(Math.max(retryAfterMs(answer?.retryAfter ?? null) ?? 0, backoffMs(failures++)));
  }

  function giveUp(batch: SealedBatch, reason: string): void {
    outbox.remove(batch);
    attempts.delete(batch.id);
    options.onGivenUp(batch, reason);
  }

  function pause(ms: number): void {
    retryAt = Date.now() + ms;
    clearTimeout(timer);
    timer = setTimeout(() => wake(true), ms);
  }

  function wake(now = false): void {
    if (now) {
      clearTimeout(timer);
      retryAt = null;
    }
    void send();
  }

  listen(window, "online", () => wake(true));

  return {
    get retryAt() {
      return retryAt;
    },
    hold() {
      held = true;
    },
    release() {
      held = left = false;
      wake();
    },
    wake,
    giveUp(reasonFor) {
      for (const batch of [...outbox.batches]) {
        const reason = underWay.has(batch.id) ? null : reasonFor(batch);
        if (reason) giveUp(batch, reason);
      }
    },
    sendNow(batches) {
      left = true;
      if (held) return;
      for (const batch of batches) {
        const fits = keepaliveBytes + batch.body.byteLength <= KEEPALIVE_BYTES_MAX;
        if (batch.held || underWay.has(batch.id) || !fits) continue;
        if ("keepalive" in Request.prototype) void attempt(batch);
        else navigator.sendBeacon?.(addressOf(batch), new Blob([batch.body], { type: "text/plain" }));
      }
    },
  };
}

/** Seconds or a date (RFC 9110, 10.2.3), at most an hour: the next page asks again anyway. Null where there is none. */
export function retryAfterMs(header: string | null): number | null {
  if (!header) return null;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX);
}

/** Doubling, with a random half, so that a server that comes back does not meet all its clients in one moment. */
export function backoffMs(failures: number): number {
  const ms = Math.min(RETRY_MS_FIRST * 2 ** failures, RETRY_MS_MAX);
  return ms / 2 + Math.random() * (ms / 2);
}
