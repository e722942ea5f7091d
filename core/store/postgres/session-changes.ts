/**
 * Tells who watches a session that something of it was loaded. A notice may be lost, with the connection or in a pooler
 * between: who must not miss a change looks by itself as well.
 */
import type { SessionKey } from "../clickhouse/batches.ts";
import type { Queryable, Sql } from "./client.ts";

const CHANNEL = "session_changed";

/** For a statement that changes sessions, over their rows: the notices go out when its transaction commits. */
export function notices(sql: Queryable) {
  return sql`pg_notify(${CHANNEL}, project_id || ' ' || session_id)`;
}

/** Hears of each session that changes, by a connection of its own, which the driver opens anew when it ends. */
export function onSessionChanged(sql: Sql, changed: (session: SessionKey) => void): void {
  const heard = (notice: string) => {
    const [project_id = "", session_id = ""] = notice.split(" ");
    changed({ project_id: Number(project_id), session_id });
  };
  sql.listen(CHANNEL, heard).catch(() => {}); // the driver goes on trying
}
