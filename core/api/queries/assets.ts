import { z } from "@hono/zod-openapi";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";

/** Addresses that pages name, those that their sheets name, and those of the sheets that these import. */
const LEVELS = 3;

const SessionAsset = z.object({
  id: z.string(),
  url: z.string(),
  /** Why nothing could be had of it the last time; null where something was. */
  missing: z.string().nullable(),
  /** Of the version that the session is shown with; null where there is none. */
  hash: z.string().nullable(),
  content_type: z.string().nullable(),
  byte_length: z.number().nullable(),
  base_url: z.string().nullable(),
  fetched_at: z.date().nullable(),
  dependencies: z.array(z.string()).nullable(),
});
export type SessionAsset = z.infer<typeof SessionAsset>;

/**
 * What the pages of a session are made of, each with its version for a time: that which was seen at the time, else the one
 * seen nearest to it, before or after.
 *
 * @param atMs when the session began
 */
export async function sessionAssets(
  sql: Sql,
  { project_id, session_id }: SessionKey,
  atMs: number,
): Promise<SessionAsset[]> {
  const at = new Date(atMs);
  const [named] = await askPostgres(sql<{ url_ids: string[] }[]>`
    SELECT url_ids FROM session_assets WHERE project_id = ${project_id} AND session_id = ${session_id}`);
  const found = new Map<string, SessionAsset>();
  let ids = named?.url_ids ?? [];
  for (let level = 0; level < LEVELS && ids.length > 0; level++) {
    const rows = await askPostgres(sql`
      SELECT u.id, u.url, u.missing, encode(v.hash, 'hex') AS hash, b.content_type, b.byte_length, v.base_url,
        v.first_at AS fetched_at, v.dependencies
      FROM asset_urls u
      LEFT JOIN LATERAL (
        SELECT * FROM asset_versions WHERE url_id = u.id
        ORDER BY greatest(first_at - ${at}::timestamptz, ${at}::timestamptz - last_at, interval '0'), first_at
        LIMIT 1) v ON true
      LEFT JOIN asset_bodies b ON b.project_id = v.project_id AND b.hash = v.hash
      WHERE u.project_id = ${project_id} AND u.id = ANY (${ids}::text[]::bigint[])
      ORDER BY u.url`);
    const assets = z.array(SessionAsset).parse(rows);
    for (const asset of assets) found.set(asset.id, asset);
    ids = [...new Set(assets.flatMap(({ dependencies }) => dependencies ?? []))].filter((id) => !found.has(id));
  }
  return [...found.values()];
}

const Body = z.object({ hash: z.string(), content_type: z.string(), bytes: z.instanceof(Uint8Array<ArrayBuffer>) });
type AssetBody = z.infer<typeof Body>;

/** @param hashes SHA-256, in hexadecimal digits */
export async function assetBodies(sql: Sql, projectId: number, hashes: readonly string[]): Promise<AssetBody[]> {
  const rows = await askPostgres(sql`
    SELECT encode(hash, 'hex') AS hash, content_type, bytes FROM asset_bodies
    WHERE project_id = ${projectId} AND hash = ANY (
      SELECT decode(hash, 'hex') FROM unnest(${[...hashes]}::text[]) AS hash)`);
  return z.array(Body).parse(rows);
}
