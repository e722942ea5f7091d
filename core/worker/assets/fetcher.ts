/**
 * Fetches what recorded pages are made of, as soon as the watch has noted it, and keeps it by content: some at a time, two
 * of a host, a few tries each. Any number of workers do; each takes what no other has taken. Beside the pipeline: what is
 * not fetched is missing in a replay, and nothing else.
 */
import type { Logger } from "pino";
import { cssAssetUrls } from "#core/facts/asset-urls.ts";
import { claimDueUrl, type DueUrl, keepAsset, missAsset, noteUrls, storeAsset } from "#core/store/postgres/assets.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { isAllowedHost } from "#protocol/asset-settings.ts";
import type { Metrics } from "../metrics.ts";
import { type GetOptions, type Got, guardedGet } from "./guarded-get.ts";
import { STYLESHEET, sniffType } from "./sniff.ts";

const LANES = 6;
const OF_HOST_MAX = 2;
/** One project's hosts that never answer hold up no other's. */
const OF_PROJECT_MAX = 4;
const IDLE_MS = 2_000;
/** While Postgres does not answer. */
const REST_MS = 10_000;

const TRIES_MAX = 4;
/** Before the second try; five times as long before each that follows. */
const AGAIN_FIRST_S = 10;

/** A sheet's own pictures and fonts, and those of the sheets that it imports. */
const DEPTH_MAX = 2;

export interface Fetching {
  sql: Sql;
  metrics: Pick<Metrics, "assets">;
  log: Logger;
  /** Loopback addresses may be asked: in development. */
  loopback: boolean;
  /** Instead of the system's. */
  resolve?: GetOptions["resolve"];
  /** Whether any project allows a host. */
  isWanted(): boolean;
}

/** How many run of each, and which have as many as they may. */
class Running<K> {
  readonly #counts = new Map<K, number>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get busy(): K[] {
    return [...this.#counts].flatMap(([key, count]) => (count >= this.#max ? [key] : []));
  }

  begin(key: K): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  end(key: K): void {
    const left = (this.#counts.get(key) ?? 1) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}

export class AssetFetcher {
  readonly #with: Fetching;
  /** Requests under way, by host and by project. */
  readonly #ofHost = new Running<string>(OF_HOST_MAX);
  readonly #ofProject = new Running<number>(OF_PROJECT_MAX);
  /** Ends the rest of each lane that has nothing to do. */
  readonly #resting = new Set<() => void>();

  constructor(fetching: Fetching) {
    this.#with = fetching;
  }

  /** There may be something to do. */
  wake(): void {
    for (const end of this.#resting) end();
  }

  /** Fetches until `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: LANES }, () => this.#lane(signal)));
  }

  async #lane(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let wait = IDLE_MS;
      try {
        while (!signal.aborted && this.#with.isWanted() && (await this.fetchNext()));
      } catch (error) {
        this.#with.log.warn({ error: error instanceof Error ? error.message : String(error) }, "asset_not_fetched");
        wait = REST_MS;
      }
      await this.#rest(wait, signal);
    }
  }

  /** Not by a race against a promise for all lanes: what is never settled keeps all that ever waited for it. */
  #rest(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#resting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      timer.unref();
      signal.addEventListener("abort", end, { once: true });
      if (ms === IDLE_MS) this.#resting.add(end);
    });
  }

  /** @returns whether there was something to fetch */
  async fetchNext(): Promise<boolean> {
    const due = await claimDueUrl(this.#with.sql, { hosts: this.#ofHost.busy, projects: this.#ofProject.busy });
    if (!due) return false;
    this.#ofHost.begin(due.host);
    this.#ofProject.begin(due.project_id);
    try {
      const outcome = await this.#fetch(due);
      this.#with.metrics.assets.inc({ outcome });
    } finally {
      this.#ofHost.end(due.host);
      this.#ofProject.end(due.project_id);
    }
    return true;
  }

  async #fetch(due: DueUrl): Promise<string> {
    const { sql, loopback, resolve } = this.#with;
    const got = await guardedGet(due.url, {
      isAllowed: (url) => isAllowedHost(url, due.hosts),
      loopback,
      ...(resolve && { resolve }),
      etag: due.etag,
      lastModified: due.last_modified,
    });
    if (got.status === "missed") return this.#miss(due, got.why, got.passing);
    if (got.status === "unchanged") {
      await keepAsset(sql, due);
      return "unchanged";
    }
    const contentType = sniffType(got.bytes, got.contentType);
    if (contentType === null) return this.#miss(due, "type_not_allowed", false);
    const dependencies = contentType === STYLESHEET ? await this.#noteDependencies(due, got) : [];
    const isKept = await storeAsset(sql, due, {
      bytes: got.bytes,
      contentType,
      baseUrl: got.url,
      etag: got.etag,
      lastModified: got.lastModified,
      dependencies,
    });
    return isKept ? "stored" : this.#miss(due, "project_full", false);
  }

  async #miss(due: DueUrl, why: string, passing: boolean): Promise<string> {
    const again = passing && due.tries < TRIES_MAX ? AGAIN_FIRST_S * 5 ** (due.tries - 1) : null;
    await missAsset(this.#with.sql, due, why, again);
    return again === null ? why : "retried";
  }

  async #noteDependencies(due: DueUrl, { bytes, url }: Extract<Got, { status: "got" }>): Promise<string[]> {
    if (due.depth >= DEPTH_MAX) return [];
    const named = cssAssetUrls(new TextDecoder().decode(bytes), url).map((url) => ({
      url,
      allowed: isAllowedHost(new URL(url), due.hosts),
    }));
    const noted = await noteUrls(this.#with.sql, due.project_id, named, due.depth + 1);
    this.wake();
    return [...noted.values()];
  }
}
