import type { Sql } from "#core/store/postgres/client.ts";
import { EdgeProject } from "#protocol/edge-project.ts";
import { askPostgres } from "../engines/answer.ts";

/** The edge waits with a recorder's batch in its hands: sooner "cannot be checked now" than late. */
const EDGE_WAITS_MS = 1_500;

/** @param keyHash SHA-256 of the key, hex. A revoked key is as unknown as one that never was. */
export async function findEdgeProject(sql: Sql, keyHash: string): Promise<EdgeProject | null> {
  const rows = await askPostgres(
    sql`
      SELECT 1 AS v, p.id AS project_id, k.kind AS key_kind, p.allowed_origins, p.jurisdiction, p.retention_days
      FROM project_keys k JOIN projects p ON p.id = k.project_id
      WHERE k.key_hash = ${Buffer.from(keyHash, "hex")} AND k.revoked_at IS NULL`,
    EDGE_WAITS_MS,
  );
  return rows[0] ? EdgeProject.parse(rows[0]) : null;
}
