/**
 * Dead letters that somebody wants driven again: through the same stages as what comes from the stream, one at a time, by
 * any worker. A letter goes when its batch is loaded, and stays with its new reason when it is found to be dead again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Sql } from "#core/store/postgres/client.ts";
import { type DrivenLetter, emptyDropped, nextToDrive, settleDriven } from "#core/store/postgres/dead-letters.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { encodeFrames, encodeHead } from "#protocol/message.ts";
import type { Delivery } from "./consume.ts";
import type { Metrics } from "./metrics.ts";

const EVERY_MS = 5_000;

export interface Redriving {
  sql: Sql;
  /** Takes a message through the stages; resolves when it is settled. */
  drive(delivery: Delivery): Promise<void>;
  metrics: Pick<Metrics, "redrives">;
  log: Logger;
}

/** Drives until `signal`. */
export async function keepRedriving(redriving: Redriving, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await emptyDropped(redriving.sql);
      while (!signal.aborted && (await redriveNext(redriving)));
    } catch (error) {
      redriving.log.warn({ error: error instanceof Error ? error.message : String(error) }, "not_redriven");
    }
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** @returns whether there was a letter to drive */
export async function redriveNext({ sql, drive, metrics, log }: Redriving): Promise<boolean> {
  const letter = await inTransaction(sql, async (transaction) => {
    const next = await nextToDrive(transaction);
    // Another worker must not take it as well: should this one die, it is driven again when the hour is over.
    if (next) await transaction`UPDATE dead_letters SET redrive_at = now() + interval '1 hour' WHERE id = ${next.id}`;
    return next;
  });
  if (!letter) return false;
  await drive({ seq: letter.stream_seq, data: messageOf(letter), deliveries: 1 });
  const isGone = await settleDriven(sql, letter);
  metrics.redrives.inc({ verdict: isGone ? "loaded" : "dead" });
  log.info({ letter: letter.id, loaded: isGone }, "redriven");
  return true;
}

/** As it stood on the stream: a batch whose envelope can be read, or the whole message that could not. */
function messageOf({ envelope, body }: DrivenLetter): Uint8Array {
  if (envelope === null) return body;
  return encodeFrames([{ head: encodeHead(envelope, body.byteLength), body }]);
}
