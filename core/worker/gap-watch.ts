/**
 * Asks the recorder for a snapshot where a gap in its window is lasting (core/facts/gap.ts): from there on the window can
 * be played again. The ask is a hint to the relays of the region that the window's newest batch came by, and goes with
 * the answer to its next batch. No event depends on it, so all of this may fail and be forgotten without harm:
 *
 * - What is watched lies in memory. After a restart windows are watched again from their next batch on; a gap that had
 *   been asked for before is then asked for once more.
 * - Any number of workers may watch one window, each as its own batches of it show the ledger. Whether the gap is still
 *   there is read from what all of them have loaded, but a gap that several watch may be asked for by each.
 * - Beyond `WATCHED_MAX` windows with gaps, those whose last batch is longest ago are forgotten.
 *
 * A gap is asked for once. That also bounds hints to one a window in the time that makes a gap lasting: what shows a gap
 * that was not asked for has come after the last hint, and needs that time in its turn.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { highestKnown, lastsFrom, progressOf, type WindowProgress } from "#core/facts/gap.ts";
import type { WindowLedger } from "#core/facts/ledger.ts";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Envelope } from "#protocol/envelope.ts";
import type { RepairHint } from "#protocol/repair.ts";
import { type SessionWindows, sessionOf } from "./ledgers.ts";
import type { Metrics } from "./metrics.ts";

/** Some kilobytes each at most. */
const WATCHED_MAX = 10_000;

const LOOK_EVERY_MS = 1_000;

/** Windows whose ledgers are read again at one look; the others follow at the next. */
const READ_MAX = 100;

/** After a look that failed. */
const REST_MS = 10_000;

export interface GapWatching {
  /** How long later batches must have been there, ms. */
  lastingMs: number;
  readWindows(sessions: readonly SessionKey[]): Promise<SessionWindows[]>;
  publish(region: string, hint: RepairHint): void;
  metrics: Pick<Metrics, "repairHints">;
  log: Logger;
  /** ms since 1970 */
  clock?(): number;
}

interface Watched {
  session: SessionKey;
  window_id: string;
  /** Of the newest batch that was seen; null where its edge tells none, and the window's recorder cannot be asked. */
  region: string | null;
  received_at: number;
  progress: WindowProgress;
  /** Gaps up to this seq have been asked for. */
  askedThrough: number;
  /** When a gap that has not been asked for is lasting, if it is still there; null where there is none. */
  dueAt: number | null;
}

export class GapWatch {
  readonly #with: GapWatching;
  readonly #clock: () => number;
  /** By window, the one whose last batch is longest ago first. */
  readonly #watched = new Map<string, Watched>();

  constructor(watching: GapWatching) {
    this.#with = watching;
    this.#clock = watching.clock ?? Date.now;
  }

  /** Windows that are watched now. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * Batches were loaded, or are dead letters. Takes no time to speak of, and never throws: the pipeline calls it.
   *
   * @param gapped the windows of those of their sessions that miss something; the others miss nothing
   */
  seen(batches: readonly Envelope[], gapped: readonly SessionWindows[]): void {
    try {
      const sessions = new Map(gapped.map((session) => [sessionOf(session), session]));
      for (const newest of newestOfWindows(batches)) {
        const windows = sessions.get(sessionOf(newest))?.windows;
        this.#note(
          newest,
          windows?.find(({ window_id }) => window_id === newest.window_id),
        );
      }
    } catch (error) {
      this.#with.log.error({ error: String(error) }, "gap_not_watched");
    }
  }

  /** Asks for what becomes lasting, until `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    let wait = LOOK_EVERY_MS;
    while (!signal.aborted) {
      await sleep(wait, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      wait = await this.look().then(
        () => LOOK_EVERY_MS,
        (error: unknown) => {
          this.#with.log.warn({ error: error instanceof Error ? error.message : String(error) }, "gaps_not_looked_at");
          return REST_MS;
        },
      );
    }
  }

  /** Reads again the ledgers of the windows whose gaps should be lasting by now, and asks for those that are. */
  async look(): Promise<void> {
    const now = this.#clock();
    const due: [string, Watched][] = [];
    for (const [id, watched] of this.#watched) {
      if (watched.region !== null && watched.dueAt !== null && watched.dueAt <= now) due.push([id, watched]);
      if (due.length === READ_MAX) break;
    }
    if (due.length === 0) return;
    const sessions = new Map(due.map(([, { session }]) => [sessionOf(session), session]));
    const read = await this.#with.readWindows([...sessions.values()]);
    const windows = new Map(
      read.flatMap((session) => session.windows.map((window) => [windowOf({ ...session, ...window }), window])),
    );
    for (const [id, watched] of due) this.#settle(id, watched, windows.get(id), now);
  }

  #note(newest: Envelope, window: WindowLedger | undefined): void {
    const id = windowOf(newest);
    const before = this.#watched.get(id);
    this.#watched.delete(id);
    if (!window || !isWatchable(window)) return;
    const { lastingMs } = this.#with;
    const progress = progressOf(window, before?.progress ?? null, this.#clock(), lastingMs);
    const askedThrough = before?.askedThrough ?? -1;
    const isNewer = !before || newest.received_at >= before.received_at;
    this.#watched.set(id, {
      session: { project_id: newest.project_id, session_id: newest.session_id },
      window_id: newest.window_id,
      region: isNewer ? (newest.region ?? null) : before.region,
      received_at: isNewer ? newest.received_at : before.received_at,
      progress,
      askedThrough,
      dueAt: lastsFrom(window, progress, askedThrough, lastingMs),
    });
    for (const oldest of this.#watched.keys()) {
      if (this.#watched.size <= WATCHED_MAX) break;
      this.#watched.delete(oldest);
    }
  }

  #settle(id: string, watched: Watched, window: WindowLedger | undefined, now: number): void {
    if (this.#watched.get(id) !== watched) return; // a batch came while the ledger was read: the next look has it
    if (!window || !isWatchable(window)) {
      this.#watched.delete(id);
      return;
    }
    watched.dueAt = lastsFrom(window, watched.progress, watched.askedThrough, this.#with.lastingMs);
    if (watched.dueAt === null || watched.dueAt > now || watched.region === null) return;
    watched.askedThrough = highestKnown(window);
    watched.dueAt = null;
    this.#with.publish(watched.region, {
      v: 1,
      ...watched.session,
      window_id: watched.window_id,
      want: ["snapshot"],
      at: now,
    });
    this.#with.metrics.repairHints.inc();
  }
}

function newestOfWindows(batches: readonly Envelope[]): Iterable<Envelope> {
  const newest = new Map<string, Envelope>();
  for (const batch of batches) {
    if (batch.format === "analytics") continue; // counts in no ledger
    const before = newest.get(windowOf(batch));
    if (!before || batch.received_at >= before.received_at) newest.set(windowOf(batch), batch);
  }
  return newest.values();
}

/** The window `''` misses nothing, since each page begins at seq 0 there; who has ended cannot be asked. */
function isWatchable({ window_id, missing, end }: WindowLedger): boolean {
  return window_id !== "" && missing.length > 0 && !end;
}

function windowOf({ window_id, ...session }: SessionKey & { window_id: string }): string {
  return `${sessionOf(session)}:${window_id}`;
}
