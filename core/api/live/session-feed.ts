import type { PlayOrder } from "#core/facts/play-order.ts";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import { END_OF_TIME_MS } from "../playback/play-stretch.ts";
import { type EventSource, readEvents } from "../playback/read-events.ts";
import { inOneLine } from "../playback/render.ts";
import type { Part } from "../playback/stretch.ts";
import { playOrderOf } from "../queries/attempts.ts";
import { type LiveState, liveState } from "../queries/live-sessions.ts";
import type { ReadProject } from "../queries/projects.ts";
import type { Services } from "../services.ts";

/** What the worker says of the session comes at once; this finds what it could not say, and that the session is over. */
const POLL_MS = 400;

/** Of messages that are kept for the session's other watchers. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** What a session is at a moment. */
export interface Look {
  /** Differs from that of any other look with something new. */
  number: number;
  order: PlayOrder;
  hasEnded: boolean;
}

/** Reads one live session for all who watch it here. It asks only while somebody waits for something new. */
export class SessionFeed {
  readonly #services: Pick<Services, "sql" | "clickhouse">;
  readonly #project: ReadProject;
  readonly #session: SessionKey;
  readonly #waiting = new Set<() => void>();
  readonly #messages = new Map<string, Promise<Buffer>>();
  #keptBytes = 0;
  #state: LiveState | null = null;
  #look: Look | null = null;
  #looks = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Something was loaded that no look has begun after. */
  #isNoticed = false;
  #refreshing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(services: Pick<Services, "sql" | "clickhouse">, project: ReadProject, session: SessionKey) {
    this.#services = services;
    this.#project = project;
    this.#session = session;
  }

  /** As it is now; null where the session is not there, or no longer. */
  async look(): Promise<Look | null> {
    if (!this.#isNoticed && performance.now() - this.#lookedAt < POLL_MS) return this.#look;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    await this.#refreshing;
    return this.#look;
  }

  /** Something of the session was loaded: who waits is given it at once. */
  notice(): void {
    this.#isNoticed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.size > 0) this.#pollSoon();
  }

  /** Resolves when there is something new since the look of this number, after `ms`, or on the signal. */
  async changed(seen: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#look?.number !== seen || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
      this.#waiting.add(done);
      this.#pollSoon();
    });
  }

  /** `{ "window_id", "seq", "events" }` in one line: the part's events as they were sent. */
  message(part: Part): Promise<Buffer> {
    const key = `${part.batch.batch_id} ${part.batch.version} ${part.fromIdx} ${part.ifMeta ?? false}`;
    const kept = this.#messages.get(key);
    if (kept !== undefined) return kept;
    const message = this.#read(part);
    this.#messages.set(key, message);
    message.then(
      ({ byteLength }) => this.#keep(byteLength),
      () => this.#messages.delete(key),
    );
    return message;
  }

  async #read(part: Part): Promise<Buffer> {
    const source: EventSource = {
      clickhouse: this.#services.clickhouse,
      session: this.#session,
      toTs: END_OF_TIME_MS,
      // Of several watchers: that one leaves ends nothing.
      caller: new AbortController().signal,
    };
    const pieces: Uint8Array[] = [
      Buffer.from(`{"window_id":${JSON.stringify(part.batch.window_id)},"seq":${part.batch.seq},"events":[`),
    ];
    for await (const events of readEvents(source, [part])) {
      if (pieces.length > 1) pieces.push(Buffer.from(","));
      pieces.push(inOneLine(events));
    }
    return Buffer.concat([...pieces, Buffer.from("]}")]);
  }

  #keep(bytes: number): void {
    this.#keptBytes += bytes;
    if (this.#keptBytes <= KEPT_BYTES_MAX) return;
    this.#messages.clear();
    this.#keptBytes = 0;
  }

  #pollSoon(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = null;
        const before = this.#look?.number;
        this.look()
          .catch(() => {}) // who waits asks again, and is told
          .finally(() => {
            if (this.#look?.number !== before) for (const wake of [...this.#waiting]) wake();
            else if (this.#waiting.size > 0) this.#pollSoon();
          });
      },
      this.#isNoticed ? 0 : POLL_MS,
    );
  }

  async #refresh(): Promise<void> {
    const { sql, clickhouse } = this.#services;
    this.#isNoticed = false;
    const state = await liveState(sql, this.#project, this.#session.session_id);
    if (state === null) {
      this.#look = null;
      this.#messages.clear();
    } else if (state.revision !== this.#state?.revision || state.has_ended !== this.#state.has_ended) {
      const order = await playOrderOf(clickhouse, this.#session);
      this.#look = { number: ++this.#looks, order, hasEnded: state.has_ended };
    }
    this.#state = state;
    this.#lookedAt = performance.now();
  }
}
