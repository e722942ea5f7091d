/** What a watcher of a live session is sent: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
import { setTimeout as sleep } from "node:timers/promises";
import type { IndexedBatch, PlayWindow } from "#core/facts/play-order.ts";
import { type Part, startFor } from "../playback/stretch.ts";
import { Refusal } from "../refusal.ts";
import { Given } from "./given.ts";
import type { Look, SessionFeed } from "./session-feed.ts";

/** Proxies close what is silent for longer. Each is also when the caller's right is looked at again. */
const HEARTBEAT_MS = 10_000;

/** Until an engine that does not answer is asked again. */
const RETRY_MS = 1_000;

const HEARTBEAT = Buffer.from(":\n\n");
const BLANK_LINE = Buffer.from("\n\n");

/** Where nothing was given yet: how a watcher's first look becomes a beginning. */
export interface Beginning {
  given: Given;
  /** Of batches that are given in part, by their ids. */
  parts: Map<string, Part>;
}

/** Each window that goes on begins at its last full snapshot, so that a player can begin there too; others are over. */
export function beginning({ order }: Look): Beginning {
  const given = new Given();
  const parts = new Map<string, Part>();
  for (const window of order.windows) {
    const start = hasEnded(window) ? undefined : startFor(window, Number.POSITIVE_INFINITY)?.part;
    const first = start ? window.batches.indexOf(start.batch) : hasEnded(window) ? window.batches.length : 0;
    for (const batch of window.batches.slice(0, first)) given.add(batch);
    if (start) parts.set(start.batch.batch_id, start);
  }
  return { given, parts };
}

/**
 * Everything that was not given, as it comes, until the session or the caller's right ends. The next is looked for when
 * the last was taken: who reads slowly holds nothing up and fills no memory.
 *
 * @param mayRead asked now and then
 */
export async function* watch(
  feed: SessionFeed,
  { given, parts }: Beginning,
  mayRead: () => Promise<boolean>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from("retry: 2000\n\n");
  let askedAt = performance.now();
  while (!signal.aborted) {
    try {
      if (performance.now() - askedAt >= HEARTBEAT_MS) {
        if (!(await mayRead())) return yield end("not_permitted");
        askedAt = performance.now();
        yield HEARTBEAT;
      }
      const look = await feed.look();
      if (look === null) return yield end("deleted");
      const next = nextOf(look, given);
      if (next) {
        const message = await feed.message({ fromIdx: 0, ...parts.get(next.batch_id), batch: next });
        given.add(next);
        yield Buffer.concat([Buffer.from(`id: ${given.toCursor()}\nevent: batch\ndata: `), message, BLANK_LINE]);
      } else if (look.hasEnded) return yield end("ended");
      else await feed.changed(look.number, HEARTBEAT_MS, signal);
    } catch (error) {
      if (!isAway(error)) throw error;
      yield HEARTBEAT;
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {}); // the loop sees the signal itself
    }
  }
}

function nextOf({ order }: Look, given: Given): IndexedBatch | undefined {
  for (const { batches } of order.windows) {
    const next = batches.find((batch) => !given.has(batch));
    if (next) return next;
  }
  return undefined;
}

function hasEnded({ batches }: PlayWindow): boolean {
  return batches.at(-1)?.is_end ?? true;
}

function isAway(error: unknown): boolean {
  return error instanceof Refusal && error.code === "storage_unavailable";
}

function end(why: "ended" | "deleted" | "not_permitted"): Buffer {
  return Buffer.from(`event: end\ndata: ${JSON.stringify({ why })}\n\n`);
}
