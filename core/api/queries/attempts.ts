import { type PlayOrder, playOrder } from "#core/facts/play-order.ts";
import { type Attempt, readAttempts, readPlayAttempts, type SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { askClickHouse } from "../engines/answer.ts";

/** A session's rows in `batches`, each attempt once: its ledger. */
export function attemptsOf(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  caller?: AbortSignal,
): Promise<Attempt[]> {
  return askClickHouse((signal) => readAttempts(clickhouse, [session], signal), { caller });
}

/** The index of a session's playback. */
export async function playOrderOf(
  clickhouse: ClickHouseClient,
  session: SessionKey,
  caller?: AbortSignal,
): Promise<PlayOrder> {
  return playOrder(await askClickHouse((signal) => readPlayAttempts(clickhouse, session, signal), { caller }));
}
