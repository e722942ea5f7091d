/** Source maps of a project's releases: kept once by their bytes, found by release and the end of a script's path. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "@hono/zod-openapi";
import type { Queryable, Sql } from "#core/store/postgres/client.ts";
import { postgresText } from "#core/store/postgres/text.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";
import { Refusal } from "../refusal.ts";

const MAPS_MAX = 20_000;
const BYTES_SUM_MAX = 2 * 1024 * 1024 * 1024;
export const MAP_BYTES_MAX = 32 * 1024 * 1024;

export const SourceMap = z
  .object({
    release: z.string(),
    path: z.string(),
    byte_length: z.int().openapi({ description: "as it was sent" }),
    uploaded_at: z.iso.datetime(),
  })
  .openapi("SourceMap");
export type SourceMap = z.infer<typeof SourceMap>;

const Row = SourceMap.extend({ uploaded_at: isoDate });

/** Replaces what the release had for this path. */
export async function keepSourceMap(
  sql: Sql,
  projectId: number,
  { release, path, map, personId }: { release: string; path: string; map: Uint8Array; personId: string },
): Promise<SourceMap> {
  const hash = createHash("sha256").update(map).digest();
  const bytes = await promisify(gzip)(map);
  const rows = await askPostgres(
    inTransaction(sql, async (transaction) => {
      const [used] = await transaction<[{ maps: number; bytes: number }]>`
        SELECT (SELECT count(*)::int FROM source_maps WHERE project_id = ${projectId}) AS maps,
          (SELECT coalesce(sum(length(bytes)), 0)::float8 FROM source_map_bodies WHERE project_id = ${projectId}) AS bytes`;
      if (used.maps >= MAPS_MAX || used.bytes + bytes.length > BYTES_SUM_MAX) {
        throw new Refusal("body_too_large", {
          detail: "the project keeps too many source maps; delete older releases",
        });
      }
      await transaction`
        INSERT INTO source_map_bodies ${transaction({ project_id: projectId, hash, byte_length: map.length, bytes })}
        ON CONFLICT DO NOTHING`;
      const [row] = await transaction`
        INSERT INTO source_maps ${transaction({ project_id: projectId, release, path, hash, uploaded_by: personId })}
        ON CONFLICT (project_id, release, path)
        DO UPDATE SET hash = excluded.hash, uploaded_at = now(), uploaded_by = excluded.uploaded_by
        RETURNING release, path, ${map.length}::int AS byte_length, uploaded_at`;
      await dropUnused(transaction, projectId);
      return row;
    }),
    QUERY_MS,
  );
  return Row.parse(rows);
}

/** Newest first. */
export async function listSourceMaps(
  sql: Sql,
  projectId: number,
  { release, limit }: { release: string | undefined; limit: number },
): Promise<SourceMap[]> {
  const rows = await askPostgres(sql`
    SELECT m.release, m.path, b.byte_length, m.uploaded_at
    FROM source_maps m JOIN source_map_bodies b USING (project_id, hash)
    WHERE m.project_id = ${projectId} AND ${release === undefined ? sql`true` : sql`m.release = ${release}`}
    ORDER BY m.uploaded_at DESC, m.release, m.path LIMIT ${limit}`);
  return z.array(Row).parse(rows);
}

/** @returns how many there were */
export async function deleteSourceMaps(
  sql: Sql,
  projectId: number,
  { release, path }: { release: string; path: string | undefined },
): Promise<number> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      const gone = await transaction`
        DELETE FROM source_maps WHERE project_id = ${projectId} AND release = ${release}
          AND ${path === undefined ? transaction`true` : transaction`path = ${path}`}`;
      await dropUnused(transaction, projectId);
      return gone.count;
    }),
    QUERY_MS,
  );
}

async function dropUnused(sql: Queryable, projectId: number): Promise<void> {
  await sql`
    DELETE FROM source_map_bodies b WHERE b.project_id = ${projectId}
      AND NOT EXISTS (SELECT FROM source_maps m WHERE m.project_id = b.project_id AND m.hash = b.hash)`;
}

/** Which map is for a script, by the script's path. */
export type MapOf = Map<string, { hash: string; byteLength: number }>;

const FoundRow = z.object({ path: z.string(), hash: z.string(), byte_length: z.int() });

/** A map is for each script whose path ends with its own; the longest wins. @param paths without leading slash */
export async function findSourceMaps(
  sql: Sql,
  projectId: number,
  release: string,
  paths: readonly string[],
): Promise<MapOf> {
  if (paths.length === 0) return new Map();
  // A stranger writes the paths: only their last parts are asked for, and their ends are tried where a map is kept.
  const names = new Set(paths.map(nameOf));
  const rows = await askPostgres(sql`
    SELECT m.path, encode(m.hash, 'hex') AS hash, b.byte_length
    FROM source_maps m JOIN source_map_bodies b USING (project_id, hash)
    WHERE m.project_id = ${projectId} AND m.release = ${postgresText(release)}
      AND split_part(m.path, '/', -1) = ANY(${[...names]}::text[])`);
  const kept = new Map(
    z
      .array(FoundRow)
      .parse(rows)
      .map(({ path, hash, byte_length }) => [path, { hash, byteLength: byte_length }]),
  );
  const keptNames = new Set([...kept.keys()].map(nameOf));
  const partsMax = Math.max(0, ...[...kept.keys()].map((path) => path.split("/").length));
  return new Map(
    paths
      .filter((path) => keptNames.has(nameOf(path)))
      .flatMap((path) => {
        const map = endsOf(path, partsMax)
          .map((end) => kept.get(end))
          .find((found) => found !== undefined);
        return map ? [[path, map] as const] : [];
      }),
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The longest first. */
function endsOf(path: string, partsMax: number): string[] {
  const parts = path.split("/").slice(-partsMax);
  return parts.map((_, from) => parts.slice(from).join("/"));
}

/** The map as it was sent; null where it has been deleted meanwhile. */
export async function sourceMapBytes(sql: Sql, projectId: number, hash: string): Promise<Uint8Array | null> {
  const [row] = await askPostgres(
    sql<{ bytes: Uint8Array }[]>`
      SELECT bytes FROM source_map_bodies WHERE project_id = ${projectId} AND hash = decode(${hash}, 'hex')`,
    QUERY_MS,
  );
  return row ? promisify(gunzip)(row.bytes, { maxOutputLength: MAP_BYTES_MAX }) : null;
}
