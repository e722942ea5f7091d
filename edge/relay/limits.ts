/**
 * The limits of a second, by project. Each relay holds its share of a project's limit: the limit divided by the shards of a
 * continent, since a session's hash chooses the shard. So they are approximate: each continent has the whole limit, and a
 * relay that starts anew begins with full buckets.
 */
import type { ProjectLimit } from "./interface.ts";

/**
 * 1,000 visitors who send a batch every 5 s are 200 requests a second. A limit that is too low looks like loss, so the
 * default stands where only a mistake or an attack comes to: 50,000 visitors at once, 10 KB a batch.
 */
export const DEFAULT_REQUESTS_PER_SECOND = 10_000;
const DEFAULT_BYTES_PER_SECOND = 100_000_000;
/** What may come at once after a quiet time, in seconds of the limit: a shop's newsletter brings its visitors together. */
const BURST_S = 10;
const PROJECTS_MAX = 10_000;

export interface ProjectLimits {
  project_id: number;
  /** Over all shards; null for the default. */
  requests_per_second: number | null;
  bytes_per_second: number | null;
}

export interface Limited {
  limit: ProjectLimit;
  retry_after_s: number;
}

export class Limits {
  readonly #shards: number;
  readonly #clock: () => number;
  readonly #projects = new Map<number, { requests: Bucket; bytes: Bucket }>();

  constructor(shards: number, clock: () => number = Date.now) {
    this.#shards = shards;
    this.#clock = clock;
  }

  /** Takes a batch into account, unless it is over a limit: then says which, and when the next one will not be. */
  take({ project_id, requests_per_second, bytes_per_second }: ProjectLimits, bytes: number): Limited | null {
    const now = this.#clock();
    const buckets = this.#projects.get(project_id) ?? this.#remember(project_id, now);
    buckets.requests.setRate((requests_per_second ?? DEFAULT_REQUESTS_PER_SECOND) / this.#shards, now);
    buckets.bytes.setRate((bytes_per_second ?? DEFAULT_BYTES_PER_SECOND) / this.#shards, now);
    // A batch is let in while there is anything left, whatever its size: else a large one never would be.
    if (!buckets.requests.hasRoom) return { limit: "project_requests", retry_after_s: buckets.requests.roomInS };
    if (!buckets.bytes.hasRoom) return { limit: "project_bytes", retry_after_s: buckets.bytes.roomInS };
    buckets.requests.take(1);
    buckets.bytes.take(bytes);
    return null;
  }

  #remember(project: number, now: number) {
    // A project that is forgotten begins with full buckets again.
    if (this.#projects.size >= PROJECTS_MAX) this.#projects.delete(this.#projects.keys().next().value as number);
    const buckets = { requests: new Bucket(now), bytes: new Bucket(now) };
    this.#projects.set(project, buckets);
    return buckets;
  }
}

/** A token bucket. May be overdrawn by the last that was let in. */
class Bucket {
  #rate = 0;
  #level = Number.POSITIVE_INFINITY;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** @param rate tokens a second; may change at any time */
  setRate(rate: number, now: number): void {
    this.#rate = rate;
    const seconds = Math.max(0, now - this.#at) / 1_000;
    // One at least, so that a rate of one in a minute lets one in.
    this.#level = Math.min(Math.max(1, rate * BURST_S), this.#level + rate * seconds);
    this.#at = now;
  }

  get hasRoom(): boolean {
    return this.#level >= 1;
  }

  /** Whole seconds, at least one. */
  get roomInS(): number {
    return Math.max(1, Math.ceil((1 - this.#level) / this.#rate));
  }

  take(tokens: number): void {
    this.#level -= tokens;
  }
}
