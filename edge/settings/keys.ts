/**
 * What this isolate knows of keys.
 *
 * - An answer of the core holds 30 s, so that a revoked key stops within that while the core answers. From 20 s on it is
 *   renewed beside a request, so that nobody waits for a key in use.
 * - While the core is silent, what it last said of a key holds up to a day: recording must not stop with the core. What
 *   this isolate has not heard the registry may know (edge/registry/), and it holds as long, from when the core said it.
 *   So the registry is told what the core says: beside the request, and only what may be news to it.
 * - That a key is unknown is remembered for 10 s, in a bounded map: anyone can make up keys.
 * - After a silence the core is left alone for 3 s, then one request asks; the others do not wait for its timeout. So is
 *   the registry.
 *
 * Requests do not share a look-up that is under way: the runtime cancels a request that waits for another's I/O as hung.
 */
import { createHash } from "node:crypto";
import type { EdgeProject } from "#protocol/edge-project.ts";
import type { RegistryClient } from "../registry/client.ts";
import { REFRESH_MS } from "../registry/interface.ts";
import type { Core, CoreAnswer } from "./core.ts";

export type KeyAnswer = { kind: "known"; project: EdgeProject } | { kind: "unknown" } | { kind: "not_checkable" };

/** Lets work go on after the answer: the request's `waitUntil`. */
export type Defer = (work: Promise<unknown>) => void;

export const RENEW_AFTER_MS = 20_000;
export const FRESH_MS = 30_000;
export const KEPT_MS = 24 * 60 * 60 * 1_000;
export const UNKNOWN_MS = 10_000;
export const CORE_REST_MS = 3_000;
/** The registry is one object, and anyone can make up keys: of those it hears ten a second from an isolate. */
const UNKNOWN_TOLD_EVERY_MS = 100;

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
  /** When the core said what the registry holds of it, ms; before all time where it may hold nothing, or another thing. */
  registeredAt: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

export class Keys {
  readonly #core: Core;
  readonly #registry: RegistryClient;
  readonly #clock: () => number;
  readonly #known = new Map<string, KnownKey>();
  readonly #unknownUntil = new Map<string, number>();
  readonly #hashes = new Map<string, string>();
  /** 0 while the core answers; else when it may be asked again, ms. */
  #askCoreAt = 0;
  /** Keys that the registry did not know, until when it is not asked for them again, ms. */
  readonly #unregisteredUntil = new Map<string, number>();
  #askRegistryAt = 0;
  #tellUnknownAt = 0;

  constructor(core: Core, registry: RegistryClient, clock: () => number = Date.now) {
    this.#core = core;
    this.#registry = registry;
    this.#clock = clock;
  }

  /** What the core said of a key a moment ago, without a promise's turns; null where it must be asked. */
  fresh(key: string, defer: Defer, origin: string | null): KeyAnswer | null {
    if (key.length > KEY_LENGTH_MAX) return null;
    const hash = this.#hashOf(key);
    const now = this.#clock();
    const known = this.#known.get(hash);
    if (!known || now - known.saidAt >= FRESH_MS) return null;
    this.#renewInTime(hash, known, now, defer, origin);
    return { kind: "known", project: known.project };
  }

  /** @param origin of the page that shows the key */
  async lookUp(key: string, defer: Defer, origin: string | null): Promise<KeyAnswer> {
    if (key.length > KEY_LENGTH_MAX) return { kind: "unknown" };
    const fresh = this.fresh(key, defer, origin);
    if (fresh) return fresh;
    const hash = this.#hashOf(key);
    const now = this.#clock();
    if (now < (this.#unknownUntil.get(hash) ?? 0)) return { kind: "unknown" };
    const answer = await this.#ask(hash, now, defer, origin);
    if (answer.kind !== "silent") return answer;
    // Asked for afresh: another request may have heard of the key meanwhile.
    return this.#kept(hash) ?? (await this.#recall(hash));
  }

  /** Hashing costs more than all else here. A map's look-up goes by a seeded hash, so its time tells nothing of other keys. */
  #hashOf(key: string): string {
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;
    const hash = createHash("sha256").update(key).digest("hex");
    remember(this.#hashes, key, hash, HASHES_MAX);
    return hash;
  }

  #renewInTime(hash: string, known: KnownKey, now: number, defer: Defer, origin: string | null): void {
    if (now - known.saidAt < RENEW_AFTER_MS || now < known.renewingUntil) return;
    known.renewingUntil = now + CORE_REST_MS;
    defer(this.#ask(hash, now, defer, origin));
  }

  async #ask(hash: string, now: number, defer: Defer, origin: string | null): Promise<CoreAnswer> {
    if (now < this.#askCoreAt) return { kind: "silent" };
    // This request tries whether the core is back; the others go on with what is known until it has found out.
    if (this.#askCoreAt > 0) this.#askCoreAt = now + CORE_REST_MS;
    const answer = await this.#core.describeKey(hash, origin);
    this.#askCoreAt = answer.kind === "silent" ? this.#clock() + CORE_REST_MS : 0;
    if (answer.kind === "known") this.#learn(hash, answer.project, now, defer);
    else if (answer.kind === "unknown") this.#unlearn(hash, now, defer);
    return answer;
  }

  #learn(hash: string, project: EdgeProject, now: number, defer: Defer): void {
    const before = this.#known.get(hash);
    const registeredAt = before && isSame(before.project, project) ? before.registeredAt : NEVER;
    const isDue = now - registeredAt >= REFRESH_MS;
    this.#unknownUntil.delete(hash);
    // Taken to be registered while that is under way, so that one request sees to it.
    const known = { project, saidAt: now, renewingUntil: 0, registeredAt: isDue ? now : registeredAt };
    remember(this.#known, hash, known, KNOWN_MAX);
    if (isDue) defer(this.#register(hash, project, now));
  }

  #unlearn(hash: string, now: number, defer: Defer): void {
    const wasKnown = this.#known.delete(hash);
    remember(this.#unknownUntil, hash, now + UNKNOWN_MS, UNKNOWN_MAX);
    if (!wasKnown && now < this.#tellUnknownAt) return;
    this.#tellUnknownAt = now + UNKNOWN_TOLD_EVERY_MS;
    defer(this.#registry.coreSaid(hash, null, now));
  }

  async #register(hash: string, project: EdgeProject, saidAt: number): Promise<void> {
    const noted = await this.#registry.coreSaid(hash, project, saidAt);
    const known = this.#known.get(hash);
    if (!known || !isSame(known.project, project)) return;
    known.registeredAt = noted.kind === "heard" ? (noted.saidAt ?? saidAt) : NEVER;
  }

  /** What the core last said, as far as this isolate has heard. */
  #kept(hash: string): KeyAnswer | null {
    const kept = this.#known.get(hash);
    return kept && this.#clock() - kept.saidAt < KEPT_MS ? { kind: "known", project: kept.project } : null;
  }

  /** What the core last said, as far as any isolate has heard. */
  async #recall(hash: string): Promise<KeyAnswer> {
    const now = this.#clock();
    if (now < Math.max(this.#askRegistryAt, this.#unregisteredUntil.get(hash) ?? 0)) return { kind: "not_checkable" };
    const memory = await this.#registry.recallKey(hash);
    if (memory.kind === "silent") this.#askRegistryAt = this.#clock() + CORE_REST_MS;
    // The core may have answered another request meanwhile, and its word is the newer one.
    if (this.#clock() < (this.#unknownUntil.get(hash) ?? 0)) return { kind: "unknown" };
    if (memory.kind === "known") {
      // Of a clock that runs ahead nothing is fresh for longer.
      const saidAt = Math.min(memory.saidAt, now);
      const known = { project: memory.project, saidAt, renewingUntil: 0, registeredAt: saidAt };
      if (saidAt > (this.#known.get(hash)?.saidAt ?? NEVER)) remember(this.#known, hash, known, KNOWN_MAX);
    }
    const kept = this.#kept(hash);
    if (!kept) remember(this.#unregisteredUntil, hash, now + CORE_REST_MS, UNKNOWN_MAX);
    return kept ?? { kind: "not_checkable" };
  }
}

/** Both were written by zod: members stand in the schema's order. */
function isSame(one: EdgeProject, other: EdgeProject): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The oldest entry makes room. */
function remember<T>(map: Map<string, T>, hash: string, value: T, max: number): void {
  map.delete(hash);
  if (map.size >= max) map.delete(map.keys().next().value as string);
  map.set(hash, value);
}
