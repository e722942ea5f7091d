import { z } from "zod";
import type { Sql } from "#core/store/postgres/client.ts";
import { EdgeProject } from "#protocol/edge-project.ts";
import { askPostgres } from "../engines/answer.ts";
import type { MonthlyUse } from "./monthly-use.ts";

/** The edge waits with a recorder's batch in its hands: sooner "cannot be checked now" than late. */
const EDGE_WAITS_MS = 1_500;

const Quotas = z.object({ quota_sessions: z.number().nullable(), quota_bytes: z.number().nullable() });
type Quotas = z.infer<typeof Quotas>;

/**
 * @param keyHash SHA-256 of the key, hex. A revoked key is as unknown as one that never was.
 * @param origin of the page that shows it
 */
export async function findEdgeProject(
  sql: Sql,
  monthlyUse: MonthlyUse,
  keyHash: string,
  origin: string | null,
): Promise<EdgeProject | null> {
  const hash = Buffer.from(keyHash, "hex");
  const [row] = await askPostgres(
    sql`
      WITH shown AS (
        UPDATE project_keys SET last_used_at = now(), shown_at = now(), shown_origin = ${origin}
        WHERE key_hash = ${hash} AND (shown_at IS NULL OR shown_at < now() - CASE
          WHEN shown_origin IS DISTINCT FROM ${origin}::text THEN interval '5 seconds' ELSE interval '1 minute' END))
      SELECT 1 AS v, p.id AS project_id, k.kind AS key_kind, p.allowed_origins, p.jurisdiction, p.retention_days,
        p.requests_per_second, p.bytes_per_second, p.sample_rate, p.recorder_settings AS recorder,
        p.quota_sessions_per_month::float8 AS quota_sessions, p.quota_bytes_per_month::float8 AS quota_bytes
      FROM project_keys k JOIN projects p ON p.id = k.project_id
      WHERE k.key_hash = ${hash} AND (k.revoked_at IS NULL OR k.revoked_at > now())`,
    EDGE_WAITS_MS,
  );
  if (!row) {
    await noteUnknownKey(sql, hash);
    return null;
  }
  const project = EdgeProject.parse(row);
  return { ...project, quota_used_up: await quotaUsedUp(Quotas.parse(row), project, monthlyUse) };
}

/**
 * Anyone can make up keys: they are one row, written every few seconds at most, and looked at before that, since an
 * upsert locks the row whether it changes it or not. It is told to people alone: no answer fails for it.
 */
async function noteUnknownKey(sql: Sql, hash: Buffer): Promise<void> {
  await askPostgres(
    sql`
      INSERT INTO unknown_key_shown AS before (at)
      SELECT now() WHERE NOT EXISTS (SELECT FROM project_keys WHERE key_hash = ${hash})
        AND NOT EXISTS (SELECT FROM unknown_key_shown WHERE at >= now() - interval '5 seconds')
      ON CONFLICT (only_one) DO UPDATE SET at = now() WHERE before.at < now() - interval '5 seconds'`,
    EDGE_WAITS_MS,
  ).catch(() => undefined);
}

/** Whether a batch of it has been claimed: by then it had its 202. */
export async function isSessionBegun(sql: Sql, projectId: number, sessionId: string): Promise<boolean> {
  const rows = await askPostgres(
    sql`SELECT FROM sessions_meta WHERE project_id = ${projectId} AND session_id = ${sessionId}`,
    EDGE_WAITS_MS,
  );
  return rows.length > 0;
}

/** Nothing is counted for a key that sends nothing, nor without a quota. */
async function quotaUsedUp(
  { quota_sessions, quota_bytes }: Quotas,
  { project_id, key_kind }: EdgeProject,
  monthlyUse: MonthlyUse,
): Promise<EdgeProject["quota_used_up"]> {
  if (key_kind !== "write" || (quota_sessions === null && quota_bytes === null)) return null;
  const { month, use } = await monthlyUse.of(project_id);
  if (use === null) return null;
  if (quota_sessions !== null && use.sessions >= quota_sessions) return { quota: "sessions", resets_at: month.to };
  if (quota_bytes !== null && use.bytes >= quota_bytes) return { quota: "bytes", resets_at: month.to };
  return null;
}
