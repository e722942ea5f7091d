/** Writes down what can never be loaded, with its bytes and its reason, before its message is acknowledged. */
import { loadedBatchIds } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { batchIdsOfEvents } from "#core/store/clickhouse/events.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { type DeadLetter, writeDeadLetters } from "#core/store/postgres/dead-letters.ts";
import { hashParts } from "#protocol/batch-id.ts";
import { Envelope } from "#protocol/envelope.ts";
import { TRIES_REASON } from "../suspects.ts";
import { type Dead, DONE, type Done, type Held, held } from "../verdict.ts";
import { ROWS_REFUSED } from "./load.ts";

/** A batch, or a whole message that no batch could be told in, which can never be loaded. */
export interface DeadBatch {
  dead: Dead;
  stream_seq: number;
  /** What could be read of it: the parsed envelope, its text, or nothing. */
  envelope: Envelope | string | null;
  /** As sent, or the whole message. */
  body: Uint8Array;
}

/** Reasons of batches that ClickHouse may have written some rows of. */
const TRIED_IN_VAIN: ReadonlySet<string> = new Set([ROWS_REFUSED, TRIES_REASON]);

/** Another copy of a batch may have been whole: what is loaded needs no letter. */
export async function writeLetters(
  batches: readonly DeadBatch[],
  engines: { sql: Sql; clickhouse: ClickHouseClient },
): Promise<Done | Held> {
  if (batches.length === 0) return DONE;
  let loaded: Set<string>;
  try {
    loaded = await loadedCopies(batches, engines.clickhouse);
  } catch (error) {
    return held("clickhouse", error);
  }
  const letters = batches.map(toLetter).filter(({ batch }) => batch === null || !loaded.has(batch.batch_id));
  try {
    await writeDeadLetters(engines.sql, letters);
    return DONE;
  } catch (error) {
    return held("postgres", error);
  }
}

/**
 * A batch of custom events is known by its rows, and of one whose insert was tried in vain there may be some. Of any
 * other, the rows are a whole copy's, whose own message is not acknowledged before they are all there.
 */
async function loadedCopies(batches: readonly DeadBatch[], clickhouse: ClickHouseClient): Promise<Set<string>> {
  const recordings: Envelope[] = [];
  const custom: Envelope[] = [];
  for (const { envelope, dead } of batches) {
    if (typeof envelope !== "object" || !envelope) continue;
    if (envelope.format !== "analytics") recordings.push(envelope);
    else if (!TRIED_IN_VAIN.has(dead.reason)) custom.push(envelope);
  }
  return new Set([...(await loadedBatchIds(clickhouse, recordings)), ...(await batchIdsOfEvents(clickhouse, custom))]);
}

function toLetter({ dead, stream_seq, envelope, body }: DeadBatch): DeadLetter {
  const batch = typeof envelope === "object" ? envelope : null;
  // Attempts of one batch are one letter. The body is part of it, since the id may be the very thing that is wrong.
  const identity = hashParts(batch ? batch.batch_id : typeof envelope === "string" ? envelope : "message", body);
  return {
    identity: Buffer.from(identity.replaceAll("-", ""), "hex"),
    reason: dead.detail === "" ? dead.reason : `${dead.reason}: ${dead.detail}`,
    envelope: batch ? textOf(batch) : (envelope as string | null),
    body,
    stream_seq,
    batch,
  };
}

const WithoutDepth = Envelope.omit({ user: true, dropped: true });

/** As JSON. What lies deeper than can be written, which an envelope may be dead for, is left out. */
function textOf(envelope: Envelope): string {
  try {
    return JSON.stringify(envelope);
  } catch {
    return JSON.stringify(WithoutDepth.parse(envelope));
  }
}
