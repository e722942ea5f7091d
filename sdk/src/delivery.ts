/**
 * Sends the outbox, oldest first, one batch at a time, each until its 202 and as the same bytes. Trouble waits with
 * growing pauses, or as long as `Retry-After` says; what can never be taken is given up with its reason.
 */
import { BODY_BYTES_MAX } from "../../protocol/limits.ts";
import type { SealedBatch } from "./batch.ts";
import type { Outbox } from "./outbox.ts";

/** What the browser lets a page that goes send after it, all such requests together (Fetch, "keepalive"). */
const KEEPALIVE_BYTES_MAX = 60 * 1024;
const ATTEMPT_MS_MAX = 30_000;
const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 60_000;
const RETRY_AFTER_MS_MAX = 60 * 60_000;

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
  outbox: Outbox;
  onAcknowledged(batch: SealedBatch, wantsSnapshot: boolean): void;
  onGivenUp(batch: SealedBatch, reason: string): void;
  /** 410: the server has deleted the session of this batch. */
  onSessionGone(batch: SealedBatch): void;
  /** `"stop": true` in an answer. */
  onStop(): void;
  onChange(): void;
}

export interface Delivery {
  /** When the next attempt is due after a failed one (ms of the client's clock), null while all goes well. */
  readonly retryAt: number | null;
  /** Sends what waits, unless a pause is on. `now` ends the pause. */
  wake(now?: boolean): void;
  /** Sends these as the page goes: as many as the browser lets through. The rest is left to the next page. */
  sendNow(batches: readonly SealedBatch[]): void;
}

interface Answer {
  status: number;
  retryAfter: string | null;
  body: { want?: unknown; stop?: unknown } | null;
}

export function startDelivery(options: DeliveryOptions): Delivery {
  const { outbox, onChange } = options;
  const address = `${options.host}/i?k=${encodeURIComponent(options.key)}`;
  const underWay = new Set<string>();
  let keepaliveBytes = 0;
  let sending = false;
  let failures = 0;
  let retryAt: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Batches that failed stand behind those that were not tried yet. */
  const attempts = new Map<string, number>();

  function next(): SealedBatch | undefined {
    let best: SealedBatch | undefined;
    for (const batch of outbox.batches) {
      if (underWay.has(batch.id)) continue;
      if (!best || (attempts.get(batch.id) ?? 0) < (attempts.get(best.id) ?? 0)) best = batch;
    }
    return best;
  }

  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    for (let batch = next(); batch && retryAt === null; batch = next()) await attempt(batch);
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

  async function post(batch: SealedBatch, keepalive: boolean): Promise<Answer> {
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), ATTEMPT_MS_MAX);
    try {
      const response = await fetch(`${address}&t=${Date.now()}`, {
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
    if (answer?.body?.stop === true) options.onStop();
    if (answer?.status === 202) {
      outbox.remove(batch);
      attempts.delete(batch.id);
      failures = 0;
      retryAt = null;
      const { want } = answer.body ?? {};
      options.onAcknowledged(batch, Array.isArray(want) && want.includes("snapshot"));
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
    // After a refusal too: the next batch is likely to fare no better.
    pause(retryAfterMs(answer?.retryAfter ?? null) ?? backoffMs(failures++));
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

  window.addEventListener("online", () => wake(true));

  return {
    get retryAt() {
      return retryAt;
    },
    wake,
    sendNow(batches) {
      for (const batch of batches) {
        const fits = keepaliveBytes + batch.body.byteLength <= KEEPALIVE_BYTES_MAX;
        if (underWay.has(batch.id) || !fits) continue;
        if ("keepalive" in Request.prototype) void attempt(batch);
        else navigator.sendBeacon?.(`${address}&t=${Date.now()}`, new Blob([batch.body], { type: "text/plain" }));
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
