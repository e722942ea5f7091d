/** The pipeline over messages in hand instead of a stream's, for tests. */
import type { FreshDatabases } from "../../../test/support/databases.ts";
import type { Delivery } from "../consume.ts";
import { createMetrics } from "../metrics.ts";
import type { Pipeline } from "../pass-stages.ts";
import { runPipeline } from "../pipeline.ts";

/** Resolves once each message is settled, with how many were acknowledged. */
export async function runMessages(
  { sql, clickhouse }: Pick<FreshDatabases, "sql" | "clickhouse">,
  messages: readonly Uint8Array[],
  beside: Pick<Pipeline, "assets"> = {},
): Promise<number> {
  let acknowledged = 0;
  const deliveries = messages.map((data, i): Delivery => ({ seq: i + 1, data, deliveries: 1 }));
  await runPipeline(
    (async function* () {
      yield* deliveries;
    })(),
    {
      sql,
      clickhouse,
      metrics: createMetrics(async () => null),
      acknowledge: async (done) => {
        acknowledged += done.length;
      },
      gaps: { seen: () => undefined },
      ...beside,
      waiting: (stage, held) => {
        if (held) throw new Error(`${stage} waits for ${held.engine}: ${held.why}`);
      },
      giveUp: AbortSignal.timeout(60_000),
    },
  );
  return acknowledged;
}
