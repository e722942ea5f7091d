import { type Attempt, readAttempts, type SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";

/** A session's rows in `batches`, each attempt once: its ledger, and folded by batch the index of its playback. */
export function attemptsOf(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  caller?: AbortSignal,
): Promise<Attempt[]> {
  return askClickHouse((signal) => readAttempts(clickhouse, [session], signal), { caller });
}
