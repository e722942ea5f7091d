/** Posts sealed batches as a recorder does: the same bytes again until their 202, unless the edge refuses for good. */
import { setTimeout as sleep } from "node:timers/promises";
import { Receipt } from "#protocol/batch.ts";
import { Problem } from "#protocol/problem.ts";
import type { SealedBatch } from "./sealed-batch.ts";

const FIRST_RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;
const ATTEMPT_TIMEOUT_MS = 30_000;

export interface DeliveryOptions {
  /** Address of `POST /i` without the path. */
  edgeUrl: string;
  writeKey: string;
  /** How long one batch is tried, ms. */
  patienceMs: number;
  /** Told of each attempt that has to be made again: a status, or why there was none. */
  onRetry(reason: string): void;
}

/** A refusal that no retry can turn: the batch, or the key, is wrong. */
export class BatchRefused extends Error {
  override name = "BatchRefused";
}

/** @throws BatchRefused for any 4xx but 429, Error when patience ends */
export async function deliver(batch: SealedBatch, options: DeliveryOptions): Promise<Receipt> {
  const giveUpAt = Date.now() + options.patienceMs;
  for (let attempt = 0; ; attempt++) {
    const outcome = await post(batch, options);
    if (outcome.kind === "accepted") return outcome.receipt;
    if (outcome.kind === "refused") throw new BatchRefused(`batch ${batch.seq}: ${outcome.reason}`);
    options.onRetry(outcome.reason);
    const waitMs = Math.min(outcome.retryAfterMs ?? FIRST_RETRY_MS * 2 ** attempt, RETRY_MS_MAX);
    if (Date.now() + waitMs > giveUpAt) throw new Error(`batch ${batch.seq} got no 202: ${outcome.reason}`);
    await sleep(waitMs);
  }
}

type Outcome =
  | { kind: "accepted"; receipt: Receipt }
  | { kind: "refused"; reason: string }
  | { kind: "again"; reason: string; retryAfterMs: number | null };

async function post(batch: SealedBatch, { edgeUrl, writeKey }: DeliveryOptions): Promise<Outcome> {
  try {
    const response = await fetch(`${edgeUrl}/i`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${writeKey}`,
        ...(batch.encoding === "gzip" ? { "content-encoding": "gzip" } : {}),
      },
      body: batch.body,
      signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.status === 202) return { kind: "accepted", receipt: Receipt.parse(JSON.parse(text)) };
    const reason = `${response.status} ${problemText(text)}`.trim();
    if (response.status < 500 && response.status !== 429) return { kind: "refused", reason };
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    return { kind: "again", reason, retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : null };
  } catch (error) {
    return { kind: "again", reason: `no answer (${causeOf(error)})`, retryAfterMs: null };
  }
}

function problemText(text: string): string {
  try {
    const { code, title, detail } = Problem.parse(JSON.parse(text));
    return `${code}: ${detail ?? title}`;
  } catch {
    return text.slice(0, 200);
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code ?? error.name;
}
