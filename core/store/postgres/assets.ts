/** `asset_urls`, `asset_versions`, `asset_bodies`, `session_assets`: written by the worker, beside the pipeline. */
import { createHash } from "node:crypto";
import type { SessionKey } from "../clickhouse/batches.ts";
import type { Queryable, Sql } from "./client.ts";
import { postgresJson, postgresText } from "./text.ts";
import { inTransaction } from "./transaction.ts";

/** What a project may keep. Write keys are public: anybody can name addresses below an allowed host. */
const URLS_MAX = 20_000;
const BODY_BYTES_SUM_MAX = 1024 * 1024 * 1024;
const URLS_OF_SESSION_MAX = 2_000;

/** How long what a host answered is taken for what it would answer. */
const FRESH = "1 day";
/** A fetch that is not settled by then, its worker being gone, is another's. */
const CLAIM = "2 minutes";

/** By project, where it allows any. */
export async function assetHosts(sql: Queryable): Promise<Map<number, readonly string[]>> {
  const rows = await sql<{ id: number; asset_hosts: string[] }[]>`
    SELECT id, asset_hosts FROM projects WHERE asset_hosts <> '{}'`;
  return new Map(rows.map(({ id, asset_hosts }) => [id, asset_hosts]));
}

export interface NamedUrl {
  url: string;
  /** Whether the project allows its host. */
  allowed: boolean;
}

/**
 * Notes that pages, or a stylesheet (`depth` > 0), name the addresses: those that are new, or were asked for longer than a
 * day ago, are due. Beyond so many addresses of a project new ones are not taken.
 *
 * @param urls each once
 * @returns the ids of those that are noted, by address
 */
export async function noteUrls(
  sql: Queryable,
  projectId: number,
  urls: readonly NamedUrl[],
  depth = 0,
): Promise<Map<string, string>> {
  if (urls.length === 0) return new Map();
  const rows = postgresJson(urls.map(({ url, allowed }) => ({ url, allowed, host: new URL(url).host })));
  const noted = await sql<{ id: string; url: string }[]>`
    INSERT INTO asset_urls AS a (project_id, url_hash, url, host, depth, due_at, missing)
    SELECT ${projectId}, sha256(convert_to(u.url, 'UTF8')), u.url, u.host, ${depth}, CASE WHEN u.allowed THEN now() END,
      CASE WHEN u.allowed THEN 'not_fetched' ELSE 'host_not_allowed' END
    FROM json_to_recordset(${rows}::text::json) AS u (url text, allowed boolean, host text)
    WHERE (SELECT count(*) FROM asset_urls WHERE project_id = ${projectId}) < ${URLS_MAX}
      OR EXISTS (
        SELECT FROM asset_urls k
        WHERE k.project_id = ${projectId} AND k.url_hash = sha256(convert_to(u.url, 'UTF8')))
    ORDER BY 2
    ON CONFLICT (project_id, url_hash) DO UPDATE SET
      seen_at = now(),
      depth = least(a.depth, EXCLUDED.depth),
      due_at = CASE WHEN ${isStale(sql)} THEN now() ELSE a.due_at END,
      tries = CASE WHEN ${isStale(sql)} THEN 0 ELSE a.tries END,
      missing = CASE WHEN ${isStale(sql)} AND a.missing = 'host_not_allowed' THEN 'not_fetched' ELSE a.missing END
    RETURNING id, url`;
  return new Map(noted.map(({ id, url }) => [url, id]));
}

function isStale(sql: Queryable) {
  return sql`(EXCLUDED.due_at IS NOT NULL AND a.due_at IS NULL
    AND (a.checked_at IS NULL OR a.checked_at < now() - ${FRESH}::interval))`;
}

/** Adds addresses to those of a session, unless it is gone. */
export async function noteSessionAssets(
  sql: Queryable,
  { project_id, session_id }: SessionKey,
  urlIds: readonly string[],
): Promise<void> {
  await sql`
    INSERT INTO session_assets AS s (project_id, session_id, url_ids)
    SELECT project_id, session_id, (${[...urlIds]}::text[]::bigint[])[:${URLS_OF_SESSION_MAX}] FROM sessions_meta m
    WHERE project_id = ${project_id} AND session_id = ${session_id}
      AND NOT EXISTS (
        SELECT FROM tombstones t WHERE t.project_id = m.project_id AND t.session_id = m.session_id)
    ON CONFLICT (project_id, session_id) DO UPDATE SET url_ids = (
      SELECT array_agg(id ORDER BY id) FROM (
        SELECT DISTINCT id FROM unnest(s.url_ids || EXCLUDED.url_ids) AS id ORDER BY id LIMIT ${URLS_OF_SESSION_MAX}) AS u)`;
}

export interface DueUrl {
  id: string;
  project_id: number;
  url: string;
  host: string;
  depth: number;
  /** This one included. */
  tries: number;
  etag: string | null;
  last_modified: string | null;
  /** What the project allows now. */
  hosts: string[];
}

/** Takes the address that has been due for longest, so that no other worker does. */
export async function claimDueUrl(
  sql: Queryable,
  busy: { hosts: readonly string[]; projects: readonly number[] },
): Promise<DueUrl | null> {
  const [due] = await sql<DueUrl[]>`
    UPDATE asset_urls u SET due_at = now() + ${CLAIM}::interval, tries = u.tries + 1
    FROM projects p
    WHERE p.id = u.project_id AND u.id = (
      SELECT id FROM asset_urls WHERE due_at <= now() AND NOT host = ANY (${[...busy.hosts]}::text[])
        AND NOT project_id = ANY (${[...busy.projects]}::integer[])
      ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING u.id, u.project_id, u.url, u.host, u.depth, u.tries, u.etag, u.last_modified, p.asset_hosts AS hosts`;
  return due ?? null;
}

export interface FetchedAsset {
  bytes: Uint8Array;
  contentType: string;
  baseUrl: string;
  etag: string | null;
  lastModified: string | null;
  /** Ids of what a stylesheet names. */
  dependencies: readonly string[];
}

/**
 * Keeps what an address answered: a new version of it, or the last one, seen again.
 * @returns false where the project keeps as much as it may
 */
export async function storeAsset(sql: Sql, { id, project_id }: DueUrl, asset: FetchedAsset): Promise<boolean> {
  const hash = createHash("sha256").update(asset.bytes).digest();
  return inTransaction(sql, async (transaction) => {
    const [kept] = await transaction<[{ bytes: string }]>`
      SELECT coalesce(sum(byte_length), 0) AS bytes FROM asset_bodies WHERE project_id = ${project_id} AND hash <> ${hash}`;
    if (Number(kept.bytes) + asset.bytes.byteLength > BODY_BYTES_SUM_MAX) return false;
    // Touched where it is there already, so that a sweep that would take it away waits, and finds it used.
    await transaction`
      INSERT INTO asset_bodies (project_id, hash, content_type, byte_length, bytes)
      VALUES (${project_id}, ${hash}, ${asset.contentType}, ${asset.bytes.byteLength}, ${asset.bytes})
      ON CONFLICT (project_id, hash) DO UPDATE SET stored_at = now()`;
    const [last] = await transaction<{ first_at: Date; is_same: boolean }[]>`
      SELECT first_at, hash = ${hash} AND base_url = ${asset.baseUrl} AS is_same FROM asset_versions
      WHERE url_id = ${id} ORDER BY first_at DESC LIMIT 1`;
    if (last?.is_same) await seenAgain(transaction, id);
    else {
      await transaction`
        INSERT INTO asset_versions (url_id, first_at, last_at, project_id, hash, base_url, dependencies)
        VALUES (${id}, now(), now(), ${project_id}, ${hash}, ${postgresText(asset.baseUrl)},
          ${[...asset.dependencies]}::text[]::bigint[])`;
    }
    await transaction`
      UPDATE asset_urls SET due_at = NULL, tries = 0, missing = NULL, checked_at = now(), etag = ${asset.etag},
        last_modified = ${asset.lastModified}
      WHERE id = ${id}`;
    return true;
  });
}

/** The host says that nothing has changed. What a kept stylesheet names is as old as it is, and asked for again. */
export async function keepAsset(sql: Queryable, { id }: DueUrl): Promise<void> {
  await seenAgain(sql, id);
  await sql`UPDATE asset_urls SET due_at = NULL, tries = 0, missing = NULL, checked_at = now() WHERE id = ${id}`;
  await sql`
    UPDATE asset_urls SET due_at = now(), tries = 0, seen_at = now()
    WHERE id IN (
        SELECT unnest(dependencies) FROM asset_versions
        WHERE url_id = ${id} AND first_at = (SELECT max(first_at) FROM asset_versions WHERE url_id = ${id}))
      AND due_at IS NULL AND missing IS DISTINCT FROM 'host_not_allowed' AND checked_at < now() - ${FRESH}::interval`;
}

async function seenAgain(sql: Queryable, urlId: string): Promise<void> {
  await sql`
    UPDATE asset_versions SET last_at = now()
    WHERE url_id = ${urlId} AND first_at = (SELECT max(first_at) FROM asset_versions WHERE url_id = ${urlId})`;
}

/**
 * Nothing was had of it; versions of before stay.
 * @param againInS null where trying again is no use before a day is over
 */
export async function missAsset(sql: Queryable, { id }: DueUrl, why: string, againInS: number | null): Promise<void> {
  await sql`
    UPDATE asset_urls SET missing = ${why},
      due_at = CASE WHEN ${againInS}::float8 IS NOT NULL THEN now() + ${againInS}::float8 * interval '1 second' END,
      checked_at = CASE WHEN ${againInS}::float8 IS NULL THEN now() ELSE checked_at END
    WHERE id = ${id}`;
}

/**
 * Takes away what no session of the project that can be read is made of: addresses, then versions that ended before all of
 * them, then bytes. What was named within the last day stays: its session may be about to say so.
 *
 * @returns how many bodies went
 */
export async function removeUnusedAssets(sql: Queryable, projectId: number, retentionDays: number): Promise<number> {
  const horizon = sql`now() - ${retentionDays} * interval '1 day'`;
  await sql`
    DELETE FROM session_assets s USING sessions_meta m
    WHERE s.project_id = ${projectId} AND m.project_id = s.project_id AND m.session_id = s.session_id
      AND m.first_received_at < ${horizon}`;
  await sql`
    WITH RECURSIVE used (id) AS (
      SELECT unnest(url_ids) FROM session_assets WHERE project_id = ${projectId}
      UNION
      SELECT unnest(v.dependencies) FROM asset_versions v JOIN used ON v.url_id = used.id)
    DELETE FROM asset_urls u
    WHERE u.project_id = ${projectId} AND u.seen_at < now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM used WHERE used.id = u.id)`;
  // Another that was there when the oldest session was is nearer to each of them.
  await sql`
    DELETE FROM asset_versions v
    WHERE v.project_id = ${projectId} AND EXISTS (
      SELECT FROM asset_versions n WHERE n.url_id = v.url_id AND n.first_at > v.first_at AND n.first_at < ${horizon})`;
  const removed = await sql`
    DELETE FROM asset_bodies b
    WHERE b.project_id = ${projectId} AND b.stored_at < now() - interval '1 hour' AND NOT EXISTS (
      SELECT FROM asset_versions v WHERE v.project_id = b.project_id AND v.hash = b.hash)`;
  return removed.count;
}
