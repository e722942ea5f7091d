/** A session's new events as this browser hears them, and the stretches that a player takes out of them. */
import * as z from "zod/mini";
import type { RrwebEvent } from "#core/replay/rrweb-event.ts";
import { LiveBuffer, type LivePlace } from "./live-buffer.ts";
import { type FetchStretch, prepared, type Stretch } from "./recording.ts";

/** The stream was refused (too many of them, the API away): until it is asked for again. */
const RETRY_MS = 5_000;

const Message = z.object({
  window_id: z.string(),
  seq: z.number(),
  events: z.array(z.custom<RrwebEvent>((value) => typeof (value as RrwebEvent | null)?.timestamp === "number")),
});

/** Where a run goes on: in what was heard, or after what was read of the store. */
const Cursor = z.union([
  z.object({ live: z.object({ order: z.number(), index: z.number(), lastTs: z.number() }) }),
  z.object({ afterTs: z.number(), count: z.number() }),
]);

export interface LiveFeedOptions {
  url: string;
  startTs: number;
  /** Windows whose end has not come; those that begin later are open as well. */
  openWindows: readonly string[];
  knownWindows: readonly string[];
  fetchStored: FetchStretch;
  /** More of a window is there: up to `toMs`, with these full snapshots among it. All in session time. */
  onMore(windowId: string, toMs: number, snapshotsMs: number[]): void;
  onState(state: "on" | "lost" | "ended"): void;
}

export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #buffer = new LiveBuffer();
  readonly #waiting = new Set<() => void>();
  #source: EventSource | null = null;
  #lastId = "";
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#listen();
  }

  /** As `fetchStored`, and on into what is recorded just now: a stretch that is not there yet is waited for. */
  readonly fetchStretch: FetchStretch = async (windowId, start, limit, signal) => {
    if (!("cursor" in start)) return this.#begin(windowId, start.atMs, limit, signal);
    const cursor = readCursor(start.cursor);
    if (cursor === null) return this.#stored(windowId, start, limit, signal);
    for (;;) {
      const place = "live" in cursor ? cursor.live : this.#buffer.placeAfter(windowId, cursor.afterTs, cursor.count);
      if (place && this.#buffer.isGone(windowId, place)) {
        // Long paused: what lay between was let go, and is in the store.
        return this.#stored(windowId, { atMs: place.lastTs - this.#options.startTs }, limit, signal);
      }
      const taken = place && this.#taken(windowId, place);
      if (taken) return taken;
      if (this.#ended) return { events: [], cursor: null };
      await this.#more(signal);
    }
  };

  close(): void {
    this.#source?.close();
    clearTimeout(this.#retry);
  }

  #begin(windowId: string, atMs: number, limit: number, signal: AbortSignal): Promise<Stretch> {
    const beginsAt = this.#buffer.beginsAt(windowId);
    if (beginsAt === null || atMs + this.#options.startTs < beginsAt) {
      return this.#stored(windowId, { atMs }, limit, signal);
    }
    const taken = this.#taken(windowId, this.#buffer.beginning(windowId));
    return taken ? Promise.resolve(taken) : this.#stored(windowId, { atMs }, limit, signal);
  }

  async #stored(...[windowId, start, limit, signal]: Parameters<FetchStretch>): Promise<Stretch> {
    const stretch = await this.#options.fetchStored(windowId, start, limit, signal);
    if (stretch.cursor !== null || !this.#isOpen(windowId)) return stretch;
    const afterTs = stretch.events.at(-1)?.timestamp ?? 0;
    const count = stretch.events.filter(({ timestamp }) => timestamp === afterTs).length;
    return { ...stretch, cursor: JSON.stringify({ afterTs, count }) };
  }

  #taken(windowId: string, place: LivePlace): Stretch | null {
    const taken = this.#buffer.take(windowId, place);
    // Of a copy: what plays is changed, and may be played again.
    return taken && { events: prepared(structuredClone(taken.events)), cursor: JSON.stringify({ live: taken.next }) };
  }

  #isOpen(windowId: string): boolean {
    const { openWindows, knownWindows } = this.#options;
    return !this.#ended && (openWindows.includes(windowId) || !knownWindows.includes(windowId));
  }

  #listen(): void {
    const { url, onState } = this.#options;
    const source = new EventSource(this.#lastId === "" ? url : `${url}?cursor=${encodeURIComponent(this.#lastId)}`);
    this.#source = source;
    source.onopen = () => onState("on");
    source.addEventListener("batch", ({ data, lastEventId }) => {
      this.#lastId = lastEventId;
      this.#take(data);
    });
    source.addEventListener("end", () => {
      source.close();
      this.#ended = true;
      onState("ended");
      this.#wake();
    });
    source.onerror = () => {
      onState("lost");
      // A broken connection is made anew by the browser; a refusal ends it.
      if (source.readyState === EventSource.CLOSED) this.#retry = setTimeout(() => this.#listen(), RETRY_MS);
    };
  }

  #take(text: string): void {
    const { success, data } = Message.safeParse(JSON.parse(text));
    if (!success || data.events.length === 0) return;
    const { startTs, onMore } = this.#options;
    const snapshots = this.#buffer.add({ windowId: data.window_id, seq: data.seq, events: data.events });
    const toTs = data.events.reduce((latest, { timestamp }) => Math.max(latest, timestamp), 0);
    onMore(
      data.window_id,
      toTs - startTs,
      snapshots.map((ts) => ts - startTs),
    );
    this.#wake();
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        signal.removeEventListener("abort", leave);
        this.#waiting.delete(done);
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(done);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** Null where it is the store's own. */
function readCursor(text: string): z.infer<typeof Cursor> | null {
  if (!text.startsWith("{")) return null;
  return Cursor.parse(JSON.parse(text));
}
