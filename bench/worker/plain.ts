/** What ClickHouse takes by itself: the rows that the worker makes of a backlog, made before, in blocks of its size. */

import { INSERT_SETTINGS } from "#core/store/clickhouse/client.ts";
import { INSERT_RRWEB, rrwebRows } from "#core/store/clickhouse/events-rrweb.ts";
import type { Rows } from "#core/store/clickhouse/insert-bytes.ts";
import { LOT_BYTES_MAX } from "#core/worker/pipeline.ts";
import { decodeBatch } from "#core/worker/stages/decode.ts";
import { type DerivedBatch, derive } from "#core/worker/stages/derive.ts";
import { isDead } from "#core/worker/verdict.ts";
import type { StreamedBatch } from "#protocol/message.ts";
import type { Rig, Storage } from "./rig.ts";
import { cpuSeconds } from "./workers.ts";

export function plainBlocks(batches: Iterable<StreamedBatch>): Rows[][] {
  const blocks: Rows[][] = [];
  let open: DerivedBatch[] = [];
  let bytes = 0;
  const close = () => {
    blocks.push([...rrwebRows(open.map(({ rows }) => rows))]);
    [open, bytes] = [[], 0];
  };
  for (const batch of batches) {
    const decoded = decodeBatch({ ...batch, stream_seq: 0 });
    if (isDead(decoded)) throw new Error(`the worker would not take this batch: ${decoded.reason}`);
    const claim = { first_received_at: batch.envelope.received_at, clock_offset_ms: 0 };
    const derived = derive({ ...decoded, claim, rules_version: 1, redactions: {} });
    if (isDead(derived)) throw new Error(`the worker would not take this batch: ${derived.reason}`);
    open.push(derived);
    bytes += batch.envelope.events_length;
    if (bytes >= LOT_BYTES_MAX) close();
  }
  if (bytes > 0) close();
  return blocks;
}

/** One after the other, as a worker inserts. */
export async function insertPlain(
  rig: Rig,
  { clickhouse }: Storage,
  blocks: readonly (readonly Rows[])[],
): Promise<{ seconds: number; clickhouseCpu: number }> {
  const cpuBefore = cpuSeconds(rig.clickhousePid);
  const began = performance.now();
  for (const rows of blocks) await clickhouse.insertBytes(INSERT_RRWEB, rows, INSERT_SETTINGS);
  const seconds = (performance.now() - began) / 1_000;
  return { seconds, clickhouseCpu: cpuSeconds(rig.clickhousePid) - cpuBefore };
}
