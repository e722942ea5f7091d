/** Share links: `shares`. A token is never stored; its SHA-256 finds the link. */
import { z } from "@hono/zod-openapi";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";
import { secretHash } from "../secret-hash.ts";

const instant = z.iso.datetime();

/** A share link as members see it: without its token. */
export const Share = z
  .object({
    share_id: z.string(),
    session_id: z.string(),
    from_ms: z.int().openapi({ description: "session time at which it begins, as it was when the link was made" }),
    to_ms: z.int().nullable().openapi({ description: "session time at which it ends; null for the session's end" }),
    shows_person: z.boolean().openapi({ description: "whether it tells the recorded person's id and address" }),
    created_by: z.string().nullable().openapi({ description: "e-mail address of who made it" }),
    created_at: instant,
    expires_at: instant,
    revoked_at: instant.nullable(),
    opened_count: z.int(),
    last_opened_at: instant.nullable(),
  })
  .openapi("Share");
export type Share = z.infer<typeof Share>;

const ShareRow = Share.extend({
  created_at: isoDate,
  expires_at: isoDate,
  revoked_at: isoDate.nullable(),
  last_opened_at: isoDate.nullable(),
});

export interface NewShare {
  token: string;
  from_ms: number;
  to_ms: number | null;
  /** Session time 0 as it is now, on the client's clock, ms; the link goes by it whatever comes late. */
  start_ts: number;
  /** The same, corrected by the claim. */
  started_at: Date;
  shows_person: boolean;
  expires_at: Date;
}

export async function createShare(
  sql: Sql,
  session: SessionKey,
  { token, from_ms, to_ms, start_ts, started_at, shows_person, expires_at }: NewShare,
  personId: string,
): Promise<Share> {
  const rows = await askPostgres(sql`
    WITH made AS (
      INSERT INTO shares (token_hash, project_id, session_id, from_ms, to_ms, start_ts, started_at, shows_person,
        expires_at, created_by)
      VALUES (${secretHash(token)}, ${session.project_id}, ${session.session_id}, ${from_ms}, ${to_ms}, ${start_ts},
        ${started_at}, ${shows_person}, ${expires_at}, ${personId})
      RETURNING *)
    SELECT ${columns(sql)} FROM made s LEFT JOIN users u ON u.id = s.created_by`);
  return ShareRow.parse(rows[0]);
}

/** Newest first, those that ended among them. @param sessionId all of the project's where absent */
export async function listShares(sql: Sql, projectId: number, limit: number, sessionId?: string): Promise<Share[]> {
  const ofSession = sessionId === undefined ? sql`` : sql`AND s.session_id = ${sessionId}`;
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)} FROM shares s LEFT JOIN users u ON u.id = s.created_by
    WHERE s.project_id = ${projectId} ${ofSession}
    ORDER BY s.created_at DESC, s.id LIMIT ${limit}`);
  return z.array(ShareRow).parse(rows);
}

/** @returns the share, as it was where it had been revoked before; null where the project has no such share */
export async function revokeShare(sql: Sql, projectId: number, shareId: string): Promise<Share | null> {
  const rows = await askPostgres(sql`
    WITH s AS (
      UPDATE shares SET revoked_at = coalesce(revoked_at, now())
      WHERE project_id = ${projectId} AND id = ${shareId} RETURNING *)
    SELECT ${columns(sql)} FROM s LEFT JOIN users u ON u.id = s.created_by`);
  return rows[0] ? ShareRow.parse(rows[0]) : null;
}

/** What a link opens. */
const OpenedShare = z.object({
  share_id: z.string(),
  session_id: z.string(),
  from_ms: z.int(),
  to_ms: z.int().nullable(),
  start_ts: z.int(),
  started_at: z.date().transform((date) => date.getTime()),
  shows_person: z.boolean(),
  expires_at: isoDate,
  project: z.object({ id: z.int(), retention_days: z.int() }),
});
export type OpenedShare = z.infer<typeof OpenedShare>;

/** The link of this token, while it holds; found by hash: what is compared tells nothing of how much of a guess was right. */
export async function shareOfToken(sql: Sql, token: string): Promise<OpenedShare | null> {
  const rows = await askPostgres(sql`
    SELECT s.id AS share_id, s.session_id, s.from_ms::float8 AS from_ms, s.to_ms::float8 AS to_ms,
      s.start_ts::float8 AS start_ts, s.started_at, s.shows_person, s.expires_at, json_build_object('id', p.id, 'retention_days', p.retention_days) AS project
    FROM shares s JOIN projects p ON p.id = s.project_id
    WHERE s.token_hash = ${secretHash(token)} AND s.revoked_at IS NULL AND s.expires_at > now()`);
  return rows[0] ? OpenedShare.parse(rows[0]) : null;
}

export async function countOpening(sql: Sql, shareId: string): Promise<void> {
  await askPostgres(sql`
    UPDATE shares SET opened_count = opened_count + 1, last_opened_at = now() WHERE id = ${shareId}`);
}

function columns(sql: Sql) {
  return sql`
    s.id AS share_id, s.session_id, s.from_ms::float8 AS from_ms, s.to_ms::float8 AS to_ms, s.shows_person,
    u.email AS created_by, s.created_at, s.expires_at, s.revoked_at, s.opened_count, s.last_opened_at`;
}
