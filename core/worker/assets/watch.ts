/**
 * Notes which assets the pages of loaded batches name. Beside the pipeline and never in its way: what comes while more
 * waits than memory is given for is let go, and so is what cannot be written. Batches of projects that allow no host are
 * not looked at.
 */
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type { Logger } from "pino";
import { assetUrls, mayHoldAssets, PageAddress } from "#core/facts/asset-urls.ts";
import type { FactEvent } from "#core/facts/page-view.ts";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import { assetHosts, noteSessionAssets, noteUrls } from "#core/store/postgres/assets.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { isAllowedHost } from "#protocol/asset-settings.ts";
import type { Metrics } from "../metrics.ts";

const WAITING_BYTES_MAX = 32 * 1024 * 1024;
/** How old the projects' hosts may be by which a batch is looked at, and at all. */
const HOSTS_MS = 1_000;
const HOSTS_IDLE_MS = 30_000;
/** For so long an address that was noted is not noted again. */
const NOTED_MS = 10 * 60_000;
const NOTED_MAX = 50_000;
const SESSIONS_MAX = 5_000;

/** Of a batch, as it was loaded. */
export interface WatchedBatch extends SessionKey {
  /** The page's address at the time. */
  url: string;
  text: Uint8Array;
  events: readonly { start: number; end: number }[];
}

export interface Watching {
  sql: Sql;
  metrics: Pick<Metrics, "assets">;
  log: Logger;
  /** Told that there may be something to fetch. */
  noted(): void;
}

export class AssetWatch {
  readonly #with: Watching;
  #hosts: ReadonlyMap<number, readonly string[]> = new Map();
  #hostsAt = 0;
  readonly #waiting: WatchedBatch[] = [];
  #waitingBytes = 0;
  #woken = Promise.withResolvers<void>();
  /** Ids of addresses by project and address, the one noted longest ago first. */
  readonly #noted = new Map<string, { id: string; at: number }>();
  /** What was noted of a session, the one seen longest ago first. */
  readonly #sessions = new Map<string, Set<string>>();

  constructor(watching: Watching) {
    this.#with = watching;
  }

  /** Whether any project allows a host. */
  get isOn(): boolean {
    return this.#hosts.size > 0;
  }

  /** Batches were loaded. Takes no time, and never throws: the pipeline calls it. */
  seen(batches: readonly WatchedBatch[]): void {
    for (const batch of batches) {
      if (this.#waitingBytes + batch.text.byteLength > WAITING_BYTES_MAX) {
        this.#with.metrics.assets.inc({ outcome: "batch_let_go" });
        continue;
      }
      this.#waiting.push(batch);
      this.#waitingBytes += batch.text.byteLength;
    }
    this.#woken.resolve();
  }

  /** Notes until `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const rest = sleep(HOSTS_IDLE_MS, undefined, { signal, ref: false }).catch(() => undefined);
      try {
        await this.noteWaiting();
      } catch (error) {
        this.#with.log.warn({ error: error instanceof Error ? error.message : String(error) }, "assets_not_noted");
      }
      await Promise.race([rest, this.#woken.promise]);
      this.#woken = Promise.withResolvers<void>();
    }
  }

  async #readHosts(): Promise<void> {
    if (Date.now() - this.#hostsAt < HOSTS_MS) return;
    const hosts = await assetHosts(this.#with.sql);
    for (const [id, allowed] of hosts) {
      // What was not allowed may be now.
      if (String(allowed) !== String(this.#hosts.get(id))) this.#noted.clear();
    }
    this.#hosts = hosts;
    this.#hostsAt = Date.now();
  }

  /** Notes all that waits. @throws where Postgres does not answer: what was being noted is let go */
  async noteWaiting(): Promise<void> {
    await this.#readHosts();
    for (let batch = this.#waiting.shift(); batch; batch = this.#waiting.shift()) {
      this.#waitingBytes -= batch.text.byteLength;
      await this.#readHosts();
      if (!this.#hosts.has(batch.project_id)) continue;
      const urls = await urlsOf(batch);
      if (urls.size > 0) await this.#note(batch, urls);
    }
  }

  async #note(batch: WatchedBatch, urls: ReadonlySet<string>): Promise<void> {
    const { sql, noted } = this.#with;
    const { project_id } = batch;
    const hosts = this.#hosts.get(project_id) ?? [];
    const keyOf = (url: string) => `${project_id} ${url}`;
    const since = Date.now() - NOTED_MS;
    const fresh = [...urls].filter((url) => (this.#noted.get(keyOf(url))?.at ?? 0) < since);
    if (fresh.length > 0) {
      const named = fresh.map((url) => ({ url, allowed: isAllowedHost(new URL(url), hosts) }));
      for (const [url, id] of await noteUrls(sql, project_id, named))
        remember(this.#noted, keyOf(url), { id, at: Date.now() }, NOTED_MAX);
      noted();
    }
    const session = `${project_id} ${batch.session_id}`;
    const known = this.#sessions.get(session) ?? new Set<string>();
    const ids = [...urls].flatMap((url) => this.#noted.get(keyOf(url))?.id ?? []).filter((id) => !known.has(id));
    if (ids.length > 0) await noteSessionAssets(sql, batch, ids);
    for (const id of ids) known.add(id);
    remember(this.#sessions, session, known, SESSIONS_MAX);
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= max) break;
    map.delete(oldest);
  }
}

/** In turns, so that the pipeline goes on beside a large batch. */
async function urlsOf({ url, text, events }: WatchedBatch): Promise<Set<string>> {
  const page = new PageAddress(url);
  const urls = new Set<string>();
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let since = 0;
  for (const { start, end } of events) {
    if (!mayHoldAssets(bytes.toString("latin1", start, end))) continue;
    const event = JSON.parse(bytes.toString("utf8", start, end)) as FactEvent;
    for (const url of assetUrls(event, page)) urls.add(url);
    since += end - start;
    if (since > 256 * 1024) {
      since = 0;
      await turn();
    }
  }
  return urls;
}
