import { z } from "@hono/zod-openapi";
import { WINDOW_OPEN_MS } from "#core/facts/ledger.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";
import type { ReadProject } from "./projects.ts";
import { inProgress } from "./session-filters.ts";
import { readable, type SessionSummary, SummaryRow, summary } from "./sessions.ts";

/** Those that something came of in the last minute and that have not ended, the latest first; crawlers are left out. */
export async function liveSessions(sql: Sql, project: ReadProject, limit: number): Promise<SessionSummary[]> {
  const rows = await askPostgres(sql`
    SELECT ${summary(sql)}
    FROM sessions_meta
    WHERE ${readable(sql, project)} AND ${inProgress(sql)} AND bot IS DISTINCT FROM 'crawler'
    ORDER BY last_received_at DESC, session_id
    LIMIT ${limit}`);
  return z.array(SummaryRow).parse(rows);
}

const LiveState = z.object({ revision: z.string(), has_ended: z.boolean() });
/** `revision` changes whenever a batch was loaded, and with each redaction. */
export type LiveState = z.infer<typeof LiveState>;

/** Null where the session is not there, or no longer: deleted, expired. */
export async function liveState(sql: Sql, project: ReadProject, sessionId: string): Promise<LiveState | null> {
  const [row] = await askPostgres(sql`
    SELECT epoch || ' ' || batch_count || ' ' || updated_at AS revision,
      complete IS TRUE OR last_received_at < now() - ${WINDOW_OPEN_MS} * interval '1 millisecond' AS has_ended
    FROM sessions_meta
    WHERE ${readable(sql, project)} AND session_id = ${sessionId}`);
  return row ? LiveState.parse(row) : null;
}
