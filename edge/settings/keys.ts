/**
 * What this isolate knows of keys.
 *
 * - An answer of the core holds 30 s, so that a revoked key stops within that while the core answers. From 20 s on it is
 *   renewed beside a request, so that nobody waits for a key in use.
 * - While the core is silent, what it last said of a key holds up to a day: recording must not stop with the core.
 * - That a key is unknown is remembered for 10 s, in a bounded map: anyone can make up keys.
 * - After a silence the core is left alone for 3 s, then one request asks; the others do not wait for its timeout.
 *
 * Requests do not share a look-up that is under way: the runtime cancels a request that waits for another's I/O as hung.
 */
import { createHash } from "node:crypto";
import type { EdgeProject } from "#protocol/edge-project.ts";
import type { Core, CoreAnswer } from "./core.ts";

export type KeyAnswer = { kind: "known"; project: EdgeProject } | { kind: "unknown" } | { kind: "not_checkable" };

/** Lets work go on after the answer: the request's `waitUntil`. */
export type Defer = (work: Promise<unknown>) => void;

export const RENEW_AFTER_MS = 20_000;
export const FRESH_MS = 30_000;
export const KEPT_MS = 24 * 60 * 60 * 1_000;
export const UNKNOWN_MS = 10_000;
export const CORE_REST_MS = 3_000;

const KNOWN_MAX = 20_000;
const UNKNOWN_MAX = 10_000;
const HASHES_MAX = 1_000;
const KEY_LENGTH_MAX = 256;

interface KnownKey {
  project: EdgeProject;
  /** When the core last said so, ms. */
  saidAt: number;
  /** Until when another request is taken to be renewing it, ms. */
  renewingUntil: number;
}

export class Keys {
  readonly #core: Core;
  readonly #clock: () => number;
  readonly #known = new Map<string, KnownKey>();
  readonly #unknownUntil = new Map<string, number>();
  readonly #hashes = new Map<string, string>();
  /** 0 while the core answers; else when it may be asked again, ms. */
  #askCoreAt = 0;

  constructor(core: Core, clock: () => number = Date.now) {
    this.#core = core;
    this.#clock = clock;
  }

  async lookUp(key: string, defer: Defer): Promise<KeyAnswer> {
    if (key.length > KEY_LENGTH_MAX) return { kind: "unknown" };
    const hash = this.#hashOf(key);
    const now = this.#clock();
    const known = this.#known.get(hash);
    if (known && now - known.saidAt < FRESH_MS) {
      this.#renewInTime(hash, known, now, defer);
      return { kind: "known", project: known.project };
    }
    if (now < (this.#unknownUntil.get(hash) ?? 0)) return { kind: "unknown" };
    const answer = await this.#ask(hash, now);
    if (answer.kind !== "silent") return answer;
    // Asked for afresh: another request may have heard of the key meanwhile.
    const kept = this.#known.get(hash);
    if (kept && now - kept.saidAt < KEPT_MS) return { kind: "known", project: kept.project };
    return { kind: "not_checkable" };
  }

  /** Hashing costs more than all else here. A map's look-up goes by a seeded hash, so its time tells nothing of other keys. */
  #hashOf(key: string): string {
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;
    const hash = createHash("sha256").update(key).digest("hex");
    remember(this.#hashes, key, hash, HASHES_MAX);
    return hash;
  }

  #renewInTime(hash: string, known: KnownKey, now: number, defer: Defer): void {
    if (now - known.saidAt < RENEW_AFTER_MS || now < known.renewingUntil) return;
    known.renewingUntil = now + CORE_REST_MS;
    defer(this.#ask(hash, now));
  }

  async #ask(hash: string, now: number): Promise<CoreAnswer> {
    if (now < this.#askCoreAt) return { kind: "silent" };
    // This request tries whether the core is back; the others go on with what is known until it has found out.
    if (this.#askCoreAt > 0) this.#askCoreAt = now + CORE_REST_MS;
    const answer = await this.#core.describeKey(hash);
    this.#askCoreAt = answer.kind === "silent" ? this.#clock() + CORE_REST_MS : 0;
    if (answer.kind === "known") {
      this.#unknownUntil.delete(hash);
      remember(this.#known, hash, { project: answer.project, saidAt: now, renewingUntil: 0 }, KNOWN_MAX);
    } else if (answer.kind === "unknown") {
      this.#known.delete(hash);
      remember(this.#unknownUntil, hash, now + UNKNOWN_MS, UNKNOWN_MAX);
    }
    return answer;
  }
}

/** The oldest entry makes room. */
function remember<T>(map: Map<string, T>, hash: string, value: T, max: number): void {
  map.delete(hash);
  if (map.size >= max) map.delete(map.keys().next().value as string);
  map.set(hash, value);
}
