/** One recording there and back: sealed, posted, waited for, read by each route, compared. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Comparison, compareEvents, isWhole } from "./comparison.ts";
import { deliver } from "./delivery.ts";
import { type ReadOptions, type ReadRoute, readDuplicates, readEvents, readSummary } from "./read-back.ts";
import type { Recording } from "./recording.ts";
import { type SealedBatch, sealBatches } from "./sealed-batch.ts";

export interface TripOptions {
  edgeUrl: string;
  apiUrl: string;
  writeKey: string;
  readKey: string;
  projectId: number;
  sessionId: string;
  windowId: string | null;
  batchSize: number;
  gzip: boolean;
  /** Each batch is posted twice, as by a recorder whose first 202 was lost. */
  twice: boolean;
  /** The posts go out in random order. */
  shuffle: boolean;
  /** Posts under way at once. */
  parallel: number;
  routes: readonly ReadRoute[];
  /** How long a batch is tried, and how long the events are waited for, each in ms. */
  patienceMs: number;
  /** Called once, when half of the posts have their 202. */
  atHalf?(): Promise<void> | void;
  onProgress?(progress: Progress): void;
}

export interface Progress {
  phase: "posting" | "loading" | "reading";
  done: number;
  of: number;
}

export interface Trip {
  events: number;
  batches: number;
  posts: number;
  /** Posts that got their 202: all of them, or the trip throws. */
  accepted: number;
  /** Why posts had to be made again, and how often. */
  retries: Map<string, number>;
  postingMs: number;
  /** Events that the API lists for the session. */
  stored: number;
  /** From the last 202 until all events were listed; null if they were not within patience. */
  visibleMs: number | null;
  complete: boolean | null;
  /** How often the ledger saw a batch again; null where nothing was posted twice. */
  duplicates: number | null;
  routes: { route: ReadRoute; comparison: Comparison; readMs: number }[];
}

/** Everything was listed in time and each route gave back what was sent. */
export function isWholeTrip({ visibleMs, routes }: Trip): boolean {
  return visibleMs !== null && routes.every(({ comparison }) => isWhole(comparison));
}

const POLL_MS = 100;
/** Copies that came in the same millisecond as their first are one attempt, so their count is waited for, not demanded. */
const COPIES_SETTLE_MS = 3_000;

/** @throws BatchRefused, or Error when a batch got no 202 in time or a route does not answer */
export async function makeTrip(recording: Recording, options: TripOptions): Promise<Trip> {
  const batches = sealBatches(recording.events, options);
  const posted = await postAll(inOrder(batches, options), options);
  const loaded = await waitUntilListed(recording.events.length, options);
  const duplicates = options.twice ? await waitForCopies(batches.length, options) : null;

  const sent = recording.events.map((event) => new TextDecoder().decode(event));
  const routes: Trip["routes"] = [];
  for (const route of options.routes) {
    options.onProgress?.({ phase: "reading", done: routes.length, of: options.routes.length });
    const startedAt = performance.now();
    const got = await readEvents(route, options);
    const readMs = performance.now() - startedAt;
    routes.push({ route, comparison: compareEvents(sent.map(oneLine), got.map(oneLine)), readMs });
  }
  return { events: sent.length, batches: batches.length, ...posted, ...loaded, duplicates, routes };
}

function inOrder(batches: SealedBatch[], { twice, shuffle }: TripOptions): SealedBatch[] {
  const posts = twice ? batches.flatMap((batch) => [batch, batch]) : [...batches];
  if (!shuffle) return posts;
  // Fisher-Yates.
  for (let last = posts.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [posts[last], posts[other]] = [posts[other] as SealedBatch, posts[last] as SealedBatch];
  }
  return posts;
}

async function postAll(posts: readonly SealedBatch[], options: TripOptions) {
  const startedAt = performance.now();
  const retries = new Map<string, number>();
  const onRetry = (reason: string) => retries.set(reason, (retries.get(reason) ?? 0) + 1);
  const half = Math.ceil(posts.length / 2);
  let next = 0;
  let accepted = 0;
  const lane = async () => {
    for (let post = posts[next++]; post; post = posts[next++]) {
      await deliver(post, { ...options, onRetry });
      accepted++;
      options.onProgress?.({ phase: "posting", done: accepted, of: posts.length });
      if (accepted === half) await options.atHalf?.();
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, lane));
  return { posts: posts.length, accepted, retries, postingMs: performance.now() - startedAt };
}

async function waitUntilListed(events: number, options: TripOptions) {
  const startedAt = performance.now();
  for (;;) {
    const summary = await readSummary(options).catch(unlessOver(startedAt, options));
    const waitedMs = performance.now() - startedAt;
    const stored = summary?.event_count ?? 0;
    options.onProgress?.({ phase: "loading", done: stored, of: events });
    const complete = summary?.complete ?? null;
    if (stored >= events) return { stored, visibleMs: waitedMs, complete };
    if (waitedMs > options.patienceMs) return { stored, visibleMs: null, complete };
    await sleep(POLL_MS);
  }
}

/** The API may be away for a while, too: that is no reason to end, until patience does. */
function unlessOver(startedAt: number, { patienceMs }: TripOptions) {
  return (error: unknown): null => {
    if (performance.now() - startedAt > patienceMs) throw error;
    return null;
  };
}

async function waitForCopies(copies: number, options: ReadOptions): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const seen = await readDuplicates(options);
    if (seen >= copies || performance.now() - startedAt > COPIES_SETTLE_MS) return seen;
    await sleep(POLL_MS);
  }
}

/** A pretty-printed event has line ends between its tokens, and only there; NDJSON has to turn them into blanks. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, " ");
}
