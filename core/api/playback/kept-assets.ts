/**
 * Events with the addresses of kept assets in the place of the site's, for a player that asks the site for nothing. Only
 * what may name one is parsed; all other events are the bytes that were sent.
 */
import { createHash } from "node:crypto";
import { assetUrls, mayHoldAssets, PageAddress, type StoredAssets, storeInEvent } from "#core/facts/asset-urls.ts";
import type { FactEvent } from "#core/facts/page-view.ts";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { assetBodies, type SessionAsset, sessionAssets } from "../queries/assets.ts";
import type { PlayedEvent } from "./read-events.ts";

const STYLESHEET = "text/css";
/** Stylesheets of one session that are held at once. The others are left out. */
const SHEETS_BYTES_MAX = 16 * 1024 * 1024;
/** Of all that is put into the events of one answer, characters: a recording may name one sheet in each of its events. */
const PUT_LENGTH_MAX = 64 * 1024 * 1024;
/** Handed on by then, however many events are left of a group. */
const GROUP_BYTES_MAX = 4 * 1024 * 1024;

export class KeptAssets {
  readonly #sql: Sql;
  readonly #projectId: number;
  readonly #addressOf: (hash: string) => string;
  readonly #byUrl: ReadonlyMap<string, SessionAsset>;
  /** Read when an event first asks for one. */
  #sheets: ReadonlyMap<string, string> | null = null;
  #sheetsLeft = PUT_LENGTH_MAX;

  private constructor(
    sql: Sql,
    projectId: number,
    assets: readonly SessionAsset[],
    addressOf: (hash: string) => string,
  ) {
    this.#sql = sql;
    this.#projectId = projectId;
    this.#addressOf = addressOf;
    this.#byUrl = new Map(assets.filter(({ hash }) => hash !== null).map((asset) => [asset.url, asset]));
  }

  /**
   * @param atMs when the session began
   * @param addressOf what stands in the events for an image or a font, by its hash
   */
  static async of(
    sql: Sql,
    session: SessionKey,
    atMs: number,
    addressOf = (hash: string) => `/v1/projects/${session.project_id}/assets/${hash}`,
  ): Promise<KeptAssets> {
    return new KeptAssets(sql, session.project_id, await sessionAssets(sql, session, atMs), addressOf);
  }

  /** Changes with what is kept, and in which version. */
  get fingerprint(): string {
    const hash = createHash("sha256");
    for (const { url, hash: content } of this.#byUrl.values()) hash.update(`${url} ${content}\n`);
    return hash.digest("base64url");
  }

  async *inEvents(groups: AsyncIterable<PlayedEvent[]>): AsyncGenerator<PlayedEvent[], void> {
    let windowId: string | null = null;
    let page = new PageAddress("");
    for await (const group of groups) {
      if (this.#byUrl.size === 0) {
        yield group;
        continue;
      }
      let changed: PlayedEvent[] = [];
      let bytes = 0;
      for (const event of group) {
        if (event.batch.window_id !== windowId) {
          windowId = event.batch.window_id;
          page = new PageAddress(event.batch.url);
        }
        const put = await this.#inEvent(event, page);
        changed.push(put);
        bytes += put.payload.length;
        if (bytes < GROUP_BYTES_MAX) continue;
        yield changed;
        [changed, bytes] = [[], 0];
      }
      if (changed.length > 0) yield changed;
    }
  }

  async #inEvent(event: PlayedEvent, page: PageAddress): Promise<PlayedEvent> {
    if (!mayHoldAssets(event.payload.toString("latin1"))) return event;
    const json = JSON.parse(event.payload.toString()) as FactEvent;
    const asksForSheet = assetUrls(json, page).some((url) => this.#byUrl.get(url)?.content_type === STYLESHEET);
    const sheets = asksForSheet ? await this.#readSheets() : new Map<string, string>();
    return storeInEvent(json, page, this.#stored(sheets))
      ? { ...event, payload: Buffer.from(JSON.stringify(json)) }
      : event;
  }

  #stored(sheets: ReadonlyMap<string, string>): StoredAssets {
    return {
      address: (url) => {
        const asset = this.#byUrl.get(url);
        if (!asset?.hash || asset.content_type === STYLESHEET) return null;
        return this.#addressOf(asset.hash);
      },
      sheet: (url) => {
        const asset = this.#byUrl.get(url);
        const text = asset?.hash ? sheets.get(asset.hash) : undefined;
        if (text === undefined || this.#sheetsLeft < text.length) return null;
        this.#sheetsLeft -= text.length;
        return { text, base: asset?.base_url ?? url };
      },
    };
  }

  async #readSheets(): Promise<ReadonlyMap<string, string>> {
    if (this.#sheets) return this.#sheets;
    const hashes = new Set<string>();
    let left = SHEETS_BYTES_MAX;
    for (const { hash, content_type, byte_length } of this.#byUrl.values()) {
      if (content_type !== STYLESHEET || hash === null || hashes.has(hash) || (byte_length ?? 0) > left) continue;
      left -= byte_length ?? 0;
      hashes.add(hash);
    }
    const bodies = await assetBodies(this.#sql, this.#projectId, [...hashes]);
    const utf8 = new TextDecoder();
    this.#sheets = new Map(bodies.map(({ hash, bytes }) => [hash, utf8.decode(bytes)]));
    return this.#sheets;
  }
}
