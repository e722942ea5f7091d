import { KEPT_MS } from "../settings/keys.ts";
import { REFRESH_MS } from "./interface.ts";

/** Half a KB each, and read whole when a life's first new key comes. */
const KEYS_MAX = 50_000;
/** A row of the platform holds 2 MB; an allowlist of a thousand origins is 40 KB. */
const PROJECT_LENGTH_MAX = 256 * 1_024;
/** Keys of which the core just said that nobody has them, remembered in memory. */
const UNKNOWN_MAX = 10_000;

/**
 * What the core last said of each key, in the registry's SQLite. Rows are what costs: one is written for a key that is
 * new, whose project has changed, or of which the core last spoke an hour ago.
 *
 * Statements come in any order, since isolates hear the core at different times: an older one changes nothing.
 */
export class KnownKeys {
  readonly #storage: DurableObjectStorage;
  readonly #clock: () => number;
  readonly #keysMax: number;
  /** Null until this life's first new key. */
  #count: number | null = null;
  /** When the core said so. What an isolate heard before that, and says after, must not bring a revoked key back. */
  readonly #unknownAt = new Map<string, number>();

  constructor(storage: DurableObjectStorage, clock: () => number = Date.now, keysMax = KEYS_MAX) {
    this.#storage = storage;
    this.#clock = clock;
    this.#keysMax = keysMax;
  }

  /** @throws when storage does */
  recall(keyHash: string): { project: string; saidAt: number } | null {
    const [row] = this.#sql<{ project: string; said_at: number }>(
      "SELECT project, said_at FROM known_keys WHERE key_hash = ?",
      keyHash,
    ).toArray();
    return row ? { project: row.project, saidAt: row.said_at } : null;
  }

  /**
   * @param project as JSON; null when nobody has the key
   * @returns when the core said what is on record now: null when that is nothing, `too_large` when nothing could be put
   * @throws when storage does
   */
  note(keyHash: string, project: string | null, saidAt: number): number | null | "too_large" {
    if (project !== null && project.length > PROJECT_LENGTH_MAX) return "too_large";
    const now = this.#clock();
    // A clock that ran ahead must not outvote all that is said until it is caught up with.
    const at = Math.min(saidAt, now);
    const row = this.recall(keyHash);
    const rowAt = row && Math.min(row.saidAt, now);
    if (rowAt !== null && at < rowAt) return rowAt;
    if (project === null) {
      if (row) this.#remove(keyHash);
      this.#noteUnknown(keyHash, at);
      return null;
    }
    if (at <= (this.#unknownAt.get(keyHash) ?? -1)) return null;
    if (row === null) {
      this.#makeRoom(now);
      this.#sql("INSERT INTO known_keys (key_hash, said_at, project) VALUES (?, ?, ?)", keyHash, at, project);
      this.#count = (this.#count ?? 0) + 1;
    } else if (row.project !== project || at - row.saidAt >= REFRESH_MS) {
      this.#sql("UPDATE known_keys SET said_at = ?, project = ? WHERE key_hash = ?", at, project, keyHash);
    } else {
      return row.saidAt;
    }
    return at;
  }

  #remove(keyHash: string): void {
    this.#sql("DELETE FROM known_keys WHERE key_hash = ?", keyHash);
    if (this.#count !== null) this.#count--;
  }

  #noteUnknown(keyHash: string, at: number): void {
    this.#unknownAt.delete(keyHash);
    if (this.#unknownAt.size >= UNKNOWN_MAX) this.#unknownAt.delete(this.#unknownAt.keys().next().value as string);
    this.#unknownAt.set(keyHash, at);
  }

  /** Nobody asks for what is older than a day; of what is younger the oldest hundredth goes, so that this is seldom. */
  #makeRoom(now: number): void {
    if (this.#count === null) {
      this.#sql("DELETE FROM known_keys WHERE said_at < ?", now - KEPT_MS);
      this.#count = this.#counted();
    }
    if (this.#count < this.#keysMax) return;
    this.#sql(
      "DELETE FROM known_keys WHERE key_hash IN (SELECT key_hash FROM known_keys ORDER BY said_at LIMIT ?)",
      this.#count - this.#keysMax + Math.ceil(this.#keysMax / 100),
    );
    this.#count = this.#counted();
  }

  #counted(): number {
    return this.#sql<{ count: number }>("SELECT count(*) AS count FROM known_keys").one().count;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: unknown[]): SqlStorageCursor<Row> {
    return this.#storage.sql.exec<Row>(statement, ...values);
  }
}
